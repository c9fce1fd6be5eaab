// What the journeys share: signing in, answering forms as a person would, and looking at a page as strictly as we promise.
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, type Locator, type Page, expect } from "@playwright/test";
import path from "node:path";

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** A fresh browser window of one person, signed in by one click on the demonstration's list. */
export async function as(browser: Browser, account: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: DESK, ...options });
  const page = await context.newPage();
  await signIn(page, account);
  return page;
}

export async function signIn(page: Page, account: string): Promise<void> {
  await page.goto("/login");
  await page.locator(`button[name="account"][value="${account}"]`).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
}

/** Days pass for the whole demonstration; whatever falls due by date alone happens. */
export async function letDaysPass(page: Page, days: 1 | 8): Promise<void> {
  await page.goto("/login");
  const before = await page.locator('form[action="/login/demo-time"]').innerText();
  await page.locator(`button[name="days"][value="${days}"]`).click();
  await expect(page.locator('form[action="/login/demo-time"]')).not.toHaveText(before);
}

/** One field by the name it is posted under; the names are the contract between page and handler. */
export function field(scope: Page | Locator, name: string): Locator {
  return scope.locator(`[name="${name}"]`);
}

/** Chooses a radio, ticks a box or picks from a list, whatever the page draws for this name. */
export async function choose(scope: Page | Locator, name: string, value: string): Promise<void> {
  const list = scope.locator(`select[name="${name}"]`);
  if (await list.count()) {
    await list.selectOption(value);
    return;
  }
  await scope.locator(`input[name="${name}"][value="${value}"]`).check();
}

/** The page after a press of this button; forms post and answer with a plain page. */
export async function press(button: Locator): Promise<void> {
  const page = button.page();
  await Promise.all([page.waitForEvent("domcontentloaded"), button.click()]);
}

/** The number in an address such as /desk/cases/QY26-00012. */
export function caseIn(address: string): string {
  const found = /[A-Z]{2}\d{2}-\d{5,}/.exec(address);
  if (!found) throw new Error(`no case number in ${address}`);
  return found[0];
}

/** Kept under docs/img when the documents' pictures are wanted. */
export async function shot(page: Page, name: string): Promise<void> {
  if (!process.env.TUODI_DOCS_IMG) return;
  const folder = path.resolve(import.meta.dirname, "../../docs/img");
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** What every page owes everybody: no violation axe knows of, and no scrolling sideways. */
export async function expectSound(page: Page, where: string): Promise<void> {
  const result = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const found = result.violations.map(
    (v) => `${v.id}: ${v.help}\n` + v.nodes.map((n) => `    ${n.target.join(" ")}  ${n.failureSummary?.split("\n")[1] ?? ""}`).join("\n"),
  );
  expect.soft(found, where).toEqual([]);
  await expectNoSidewaysScroll(page, where);
}

export async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(wide, `${where} scrolls sideways by so many pixels`).toBeLessThanOrEqual(0);
}

/** Collects what the browser complains about, from now on. */
export function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on("console", (message) => {
    // A refused form is an answer (422), not a fault of the page.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) heard.push(`${message.text()} at ${page.url()}`);
  });
  page.on("pageerror", (error) => heard.push(`${error.message} at ${page.url()}`));
  return heard;
}

/** Names of the fields that begin so, each once, in the order of the page. */
export async function names(scope: Page | Locator, prefix: string): Promise<string[]> {
  const all = await scope.locator(`[name^="${prefix}"]`).evaluateAll((found) => found.map((f) => f.getAttribute("name")!));
  return [...new Set(all)];
}

/** Answers every question of the six dimensions; choices go from the hardest to none, and `pick` takes one by its place. */
export async function answerSixDimensions(page: Page, pick = (choices: number) => choices - 1): Promise<number> {
  const sections = page.locator("details.dim");
  let answered = 0;
  for (const section of await sections.all()) {
    if ((await section.getAttribute("open")) === null) await section.locator("summary").click();
    for (const item of await names(section, "D")) {
      const choices = section.locator(`input[name="${item}"]:not([value=""])`);
      await choices.nth(pick(await choices.count())).check();
      answered += 1;
    }
  }
  return answered;
}

/** `1,724.00` or `1724 元/月` in fen. */
export function fen(text: string): number {
  const found = /\d[\d,]*(\.\d{1,2})?/.exec(text);
  if (!found) throw new Error(`no amount in ${text}`);
  return Math.round(Number(found[0].replaceAll(",", "")) * 100);
}
