// One picture for the README out of three of docs/img: usage: node overview.mjs (after the tests ran with TUODI_DOCS_IMG).
import { chromium } from "@playwright/test";
import { readFile } from "node:fs/promises";
import path from "node:path";

const folder = path.resolve(import.meta.dirname, "../../docs/img");
const picture = async (name) => `data:image/png;base64,${(await readFile(path.join(folder, `${name}.png`))).toString("base64")}`;
const [queue, file, task] = await Promise.all(["desk-queue", "desk-case", "field-task"].map(picture));

const page = `<!doctype html><style>
body { margin: 0; width: 1600px; height: 900px; background: #0c4a50; position: relative; overflow: hidden }
img { position: absolute; border-radius: 12px; box-shadow: 0 10px 40px rgba(0, 0, 0, .35) }
</style><body>
<img src="${queue}" style="left: 36px; top: 36px; width: 900px">
<img src="${file}" style="left: 240px; top: 268px; width: 970px">
<img src="${task}" style="left: 1225px; top: 80px; width: 325px; border: 8px solid #16262b; border-radius: 28px">
</body>`;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const sheet = await browser.newPage({ viewport: { width: 1600, height: 900 } });
await sheet.setContent(page, { waitUntil: "load" });
await sheet.screenshot({ path: path.join(folder, "overview.png") });
await browser.close();
