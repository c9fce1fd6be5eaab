// Every main page by the same measure: nothing axe finds, no scrolling sideways, nothing the browser complains about.
import { type Browser, type Page, expect, test } from "@playwright/test";
import { fillIn } from "./citizen";
import { DESK, PHONE, as, complaints, expectNoSidewaysScroll, expectSound, press, signIn } from "./support";

const NARROW = { width: 320, height: 640 };

/** Looks at a page in each of these sizes. */
async function look(page: Page, address: string, sizes = [DESK, PHONE]): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    const answer = await page.goto(address);
    expect.soft(answer?.status(), address).toBe(200);
    await expectSound(page, `${address} at ${size.width}`);
  }
  await page.setViewportSize(NARROW);
  await expectNoSidewaysScroll(page, `${address} at ${NARROW.width}`);
}

async function walk(browser: Browser, account: string | null, addresses: string[], query = ""): Promise<void> {
  const page = await (await browser.newContext({ viewport: DESK })).newPage();
  const heard = complaints(page);
  if (account) await signIn(page, account);
  for (const address of addresses) await look(page, address + query);
  expect(heard).toEqual([]);
  await page.context().close();
}

/** The first link of this kind on a page, so that the walk sees a real case, task or batch. */
async function firstLink(page: Page, from: string, pattern: RegExp): Promise<string> {
  await page.goto(from);
  const links = await page.locator("main a[href]").evaluateAll((all) => all.map((a) => a.getAttribute("href")!));
  const found = links.find((href) => pattern.test(href));
  expect(found, `${from} links to ${pattern}`).toBeTruthy();
  return found!;
}

const PUBLIC = ["/", "/public/programmes", "/public/programmes/dibao", "/public/programmes/disability_nursing",
  "/public/programmes/age_allowance", "/public/notices", "/login", "/handbook"];

for (const [size, query] of [["in normal size", "?elder=0"], ["for elders", "?elder=1"]]) {
  test(`public pages are sound ${size}`, async ({ browser }) => {
    await walk(browser, null, PUBLIC, query);
  });

  test(`citizen pages are sound ${size}`, async ({ browser }) => {
    const page = await as(browser, "citizen2", { viewport: PHONE });
    const heard = complaints(page);
    await page.goto(`/citizen${query}`);
    const open = page.getByRole("main").getByRole("link", { name: "看详情" });
    const number = (await open.count()) ? (await open.first().getAttribute("href"))!.split("/").at(-1)! : await fillIn(page);
    const filling = (await page.goto(`/citizen/applications/${number}/household`))?.status() === 200;
    const steps = ["household", "reasons", "income", "medical", "property", "account", "consent", "review"];
    const form = filling ? steps.map((step) => `/citizen/applications/${number}/${step}`) : [`/citizen/applications/${number}/done`];
    for (const address of ["/citizen", "/citizen/apply", "/citizen/apply/dibao", ...form, `/citizen/cases/${number}`]) {
      await look(page, address);
    }
    if (filling) {
      await page.setViewportSize(PHONE);
      await page.goto(`/citizen/applications/${number}/medical`);
      await page.locator('[name="self_paid_medical_12m"]').fill("三万八");
      await press(page.locator(".barbtm button.pri"));
      await expectSound(page, "a page with a mistake");
    }
    expect(heard).toEqual([]);
    await page.context().close();
  });
}

test("a case that was decided and its letters are sound in both sizes", async ({ browser }) => {
  const page = await as(browser, "citizen", { viewport: PHONE });
  const heard = complaints(page);
  const details = page.getByRole("main").getByRole("link", { name: "看详情" });
  test.skip(!(await details.count()), "the main journey has left no case");
  const number = (await details.first().getAttribute("href"))!;
  await page.goto(number);
  const letters = await page.locator("main a.b").evaluateAll((all) => all.map((a) => a.getAttribute("href")!));
  for (const query of ["?elder=0", "?elder=1"]) {
    for (const address of ["/citizen", number, `${number.replace("/cases/", "/applications/")}/done`, ...letters]) await look(page, address + query);
  }
  expect(heard).toEqual([]);
  await page.context().close();
});

test("desk pages are sound", async ({ browser }) => {
  const page = await as(browser, "reviewer");
  const running = await firstLink(page, "/desk?closed=1", /^\/desk\/cases\/[^/#]+$/);
  const task = await firstLink(page, "/desk/alerts", /^\/desk\/alerts\/\d+$/);
  const household = await firstLink(page, task, /^\/desk\/households\/\d+$/);
  await page.context().close();
  await walk(browser, "reviewer", ["/desk", "/desk?closed=1", "/desk?state=objection&channel=paper", running, "/desk/export",
    "/desk/publicity", "/desk/alerts", task, household, "/desk/payments"]);
  await walk(browser, "township", ["/desk", "/desk/intake/new", "/desk/households", "/desk/alerts"]);
});

test("a case is sound at every step that has pages of its own", async ({ browser }) => {
  const page = await as(browser, "township");
  const heard = complaints(page);
  const open = await page.locator("main tbody td:nth-child(2) a").evaluateAll((all) => all.map((a) => a.getAttribute("href")!));
  let opened = false;
  for (const address of open.slice(0, 4)) {
    await look(page, address);
    await page.goto(address);
    const rules = await page.locator("main a[href*='/rules']").evaluateAll((all) => all.map((a) => a.getAttribute("href")!));
    if (!opened && rules.length) {
      opened = true;
      for (const next of rules.slice(0, 2)) await look(page, next.split("#")[0]);
      await page.goto(address);
    }
    const further = await page.locator("#act a[href^='/desk/']").evaluateAll((all) => all.map((a) => a.getAttribute("href")!));
    for (const next of new Set(further.map((href) => href.split("#")[0]))) await look(page, next);
  }
  expect(heard).toEqual([]);
  await page.context().close();
});

test("payment pages are sound", async ({ browser }) => {
  const page = await as(browser, "district");
  await page.goto("/desk/payments");
  const batches = page.locator("main tbody a");
  if (!(await batches.count())) {
    await press(page.getByRole("button", { name: "先看看" }));
    await press(page.getByRole("button", { name: "编制名册" }));
  }
  const batch = await firstLink(page, "/desk/payments", /^\/desk\/payments\/\d{4}-\d{2}$/);
  await page.context().close();
  await walk(browser, "district2", [batch, "/desk/payments/preview?month=2026-12&kind=one_off",
    "/desk/payments/returned", "/desk/payments/over", "/desk/payments/funds"]);
});

test("field pages are sound", async ({ browser }) => {
  const page = await as(browser, "grid", { viewport: PHONE });
  const task = await firstLink(page, "/field", /^\/field\/tasks\/\d+$/);
  await page.context().close();
  await walk(browser, "grid", ["/field", "/field?cut=closed", task, `${task}/visit`, "/field/policies"]);
});

test("bureau pages are sound", async ({ browser }) => {
  await walk(browser, "reviewer", ["/bureau", "/bureau/alerts", "/bureau/packs"]);
  const page = await as(browser, "steward");
  const feed = await firstLink(page, "/bureau/data", /^\/bureau\/data\/DS\d+$/);
  const batch = await firstLink(page, feed, /^\/bureau\/data\/batches\/.+$/);
  await page.context().close();
  await walk(browser, "steward", ["/bureau/data", feed, batch]);
  await walk(browser, "auditor", ["/bureau/journal"]);
  await walk(browser, "admin", ["/bureau/admin/users"]);
});

test("pages of a refusal are sound", async ({ browser }) => {
  const page = await as(browser, "grid", { viewport: PHONE });
  for (const [address, status] of [["/bureau", 403], ["/nowhere", 404]] as const) {
    expect((await page.goto(address))?.status()).toBe(status);
    await expectSound(page, address);
  }
  await page.context().close();
});

test("main pages in English are as sound as in Chinese", async ({ browser }) => {
  await walk(browser, null, PUBLIC, "?lang=en");
  await walk(browser, "reviewer", ["/desk", "/desk/alerts", "/bureau", "/bureau/alerts"], "?lang=en");
  await walk(browser, "grid", ["/field"], "?lang=en");
});

test("the keyboard alone reaches the content first and every control", async ({ page, browser }) => {
  await page.goto("/");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "跳到主要内容" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.locator("#main")).toBeFocused();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.querySelector("#main")!.contains(document.activeElement))).toBe(true);

  const desk = await as(browser, "township");
  await desk.keyboard.press("Tab");
  await desk.keyboard.press("Enter");
  await expect(desk.locator("#main")).toBeFocused();
  const controls = await desk.locator("main a[href]:visible, main button:visible, main summary:visible").count();
  for (let i = 0; i < Math.min(controls, 12); i++) {
    await desk.keyboard.press("Tab");
    const seen = await desk.evaluate(() => {
      const active = document.activeElement!;
      const style = getComputedStyle(active);
      return { inside: document.querySelector("#main")!.contains(active), ring: style.outlineStyle !== "none" || style.boxShadow !== "none" };
    });
    expect(seen).toEqual({ inside: true, ring: true });
  }
  await desk.context().close();
});
