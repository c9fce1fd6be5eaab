// Bundles scripts and styles, builds the icon sprite, gives every file a hash in its name and writes manifest.json.
// Everything the pages need comes out of here; no page contacts another host.
import { build } from "esbuild";
import { bundle } from "lightningcss";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = "dist";
// Chromium 86: WeChat's browsers, 360, Kylin and UOS still run it.
const CSS_TARGETS = { chrome: 86 << 16, safari: (15 << 16) | (4 << 8), firefox: 98 << 16 };
const FORBIDDEN_CSS = [":has(", ":is(", ":where(", "@layer", "@container", "color-mix(", "oklch(", "aspect-ratio:", "inset:", "dvh"];

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const manifest = [];

function emit(name, type, body) {
  const dot = name.lastIndexOf(".");
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
  const file = `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
  writeFileSync(`${OUT}/${file}`, body);
  writeFileSync(`${OUT}/${file}.gz`, gzipSync(body, { level: 9 }));
  writeFileSync(`${OUT}/${file}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  manifest.push({ name, file, type });
}

const scripts = await build({
  entryPoints: ["src/app.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome86", "safari15"],
  outdir: OUT,
  write: false,
  legalComments: "none",
});
for (const file of scripts.outputFiles) {
  emit(file.path.split("/").pop(), "text/javascript; charset=utf-8", Buffer.from(file.contents));
}

for (const sheet of ["app", "letter"]) {
  const { code } = bundle({ filename: `src/css/${sheet}.css`, minify: true, targets: CSS_TARGETS });
  const text = code.toString();
  for (const word of FORBIDDEN_CSS) {
    if (text.includes(word)) throw new Error(`${sheet}.css uses ${word}, which Chromium 86 does not know`);
  }
  emit(`${sheet}.css`, "text/css; charset=utf-8", Buffer.from(code));
}

const symbols = readFileSync("icons.txt", "utf8").split("\n").filter(Boolean).map((name) => {
  const svg = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
});
emit("icons.svg", "image/svg+xml", Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`));
emit("favicon.svg", "image/svg+xml", readFileSync("src/favicon.svg"));

writeFileSync(`${OUT}/manifest.json`, JSON.stringify(manifest, null, 1));
