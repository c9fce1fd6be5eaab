// Who comes in by which door, what each is told at the wrong one, and what every page keeps: language, size, search, files.
import { type Page, expect, test } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { DESK, PHONE, as, choose, press, shot, signIn } from "./support";

/** Case numbers on all pages of the desk's list, with the place that stands beside each. */
async function cases(page: Page, list: string): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  await page.goto(list);
  for (;;) {
    for (const line of await page.locator("tbody td:nth-child(2) .num").allInnerTexts()) {
      const [number, place] = line.split(" · ");
      all.set(number.trim(), place?.trim() ?? "");
    }
    const next = page.getByRole("link", { name: "下一页" });
    if (!(await next.count())) return all;
    await press(next);
  }
}

test("a page behind a door asks to sign in and then opens", async ({ page }) => {
  await page.goto("/desk/payments");
  await expect(page).toHaveURL(/\/login\?next=\/desk\/payments$/);
  await page.locator('button[name="account"][value="district"]').click();
  await expect(page).toHaveURL(/\/desk\/payments$/);
  await page.locator("header details summary").click();
  await press(page.getByRole("button", { name: "退出登录" }));
  await page.goto("/desk/payments");
  await expect(page).toHaveURL(/\/login/);
});

test("the wrong password is refused in the same words as the wrong account", async ({ page }) => {
  for (const account of ["township", "nobody"]) {
    await page.goto("/login");
    await page.locator("#account").fill(account);
    await page.locator("#password").fill("not-the-password");
    await press(page.getByRole("button", { name: "登录", exact: true }));
    await expect(page.getByRole("alert")).toBeFocused();
    await expect(page.locator("#account")).toHaveValue(account);
    await expect(page.locator("#password")).toHaveValue("");
  }
});

test("the wrong door says which posts may enter", async ({ browser }) => {
  const page = await as(browser, "citizen2", { viewport: PHONE });
  const answer = await page.goto("/desk");
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole("main")).toContainText("乡镇（街道）经办人");
  const worker = await as(browser, "grid", { viewport: PHONE });
  expect((await worker.goto("/bureau"))?.status()).toBe(403);
  await expect(worker.getByRole("main")).toContainText("区县审核确认人");
  // An administrator looks after accounts and sees no case.
  const admin = await as(browser, "admin");
  await expect(admin).toHaveURL(/\/bureau\/admin\/users$/);
  expect((await admin.goto("/desk"))?.status()).toBe(403);
  expect((await admin.goto("/bureau/journal"))?.status()).toBe(403);
  await expect(admin.getByRole("main")).toContainText("审计监督人员");
  for (const p of [page, worker, admin]) await p.context().close();
});

test("another township's case is refused, its own is shown", async ({ browser }) => {
  const district = await as(browser, "district");
  const everywhere = await cases(district, "/desk?closed=1");
  const township = await as(browser, "township");
  const own = await cases(township, "/desk?closed=1");
  expect(own.size).toBeGreaterThan(0);
  expect(everywhere.size).toBeGreaterThan(own.size);
  const foreign = [...everywhere.keys()].find((number) => !own.has(number))!;
  expect((await township.goto(`/desk/cases/${foreign}`))?.status()).toBe(403);
  await expect(township.getByRole("heading", { level: 1 })).toHaveText("您不能打开这一页");
  expect((await township.goto(`/desk/cases/${[...own.keys()][0]}`))?.status()).toBe(200);
  for (const p of [district, township]) await p.context().close();
});

test("an address that leads nowhere is answered as such, with a way home", async ({ page }) => {
  expect((await page.request.get("/assets/none.css")).status()).toBe(404);
  for (const address of ["/public/programmes/nothing", "/nowhere"]) {
    expect((await page.goto(address))?.status(), address).toBe(404);
  }
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("没有找到这一页");
  await press(page.getByRole("link", { name: "回首页" }));
  await expect(page).toHaveURL(/\/$/);
});

test("English stays chosen, on every door, until Chinese is chosen again", async ({ browser }) => {
  const page = await (await browser.newContext({ viewport: PHONE })).newPage();
  await page.goto("/");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await press(page.getByRole("link", { name: "English" }));
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.goto("/public/programmes");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await signIn(page, "township");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(/\p{Script=Han}/u);
  await press(page.getByRole("link", { name: "中文" }));
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await page.context().close();
});

test("the elders' version stays chosen and can be left again", async ({ browser }) => {
  const page = await (await browser.newContext({ viewport: PHONE })).newPage();
  await page.goto("/");
  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  const normal = await size();
  await press(page.getByRole("link", { name: "长辈版" }));
  await expect(page.locator("html")).toHaveClass(/elder/);
  expect(await size()).toBeGreaterThan(normal);
  await shot(page, "citizen-elder");
  await page.goto("/public/programmes/dibao");
  await expect(page.locator("html")).toHaveClass(/elder/);
  await press(page.getByRole("link", { name: "普通版" }));
  await expect(page.locator("html")).not.toHaveClass(/elder/);
  await page.context().close();
});

test("the cockpit's figures are there, and each leads to its list", async ({ browser }) => {
  const page = await as(browser, "reviewer");
  await page.goto("/bureau");
  const tiles = page.locator("a.kpi");
  await expect(tiles).toHaveCount(5);
  for (const tile of await tiles.all()) await expect(tile.locator(".v")).not.toHaveText(/^\s*$/);
  const visits = Number((await tiles.first().locator(".v").innerText()).replace(/\D/g, ""));
  expect(visits, "the pass of the demonstration found households to visit").toBeGreaterThan(0);
  await expect(page.getByRole("main")).toContainText("每月待遇");
  await expectWhole(page);
  await shot(page, "bureau-cockpit");
  await press(tiles.first());
  await expect(page).toHaveURL(/\/desk\/alerts/);
  await page.context().close();
});

test("rows put aside are for the data steward only, with a purpose", async ({ browser }) => {
  const page = await as(browser, "steward", { acceptDownloads: true });
  await page.goto("/bureau/data");
  await shot(page, "bureau-data");
  const feed = page.locator("tbody tr").filter({ has: page.locator(".due.soon") }).first();
  await press(feed.getByRole("link").first());
  const row = page.locator("#batches tbody tr").filter({ has: page.locator(".due.soon") }).first();
  await press(row.getByRole("link"));
  const address = page.url();
  await expect(page.getByRole("heading", { name: "为什么隔离" })).toBeVisible();
  await press(page.getByRole("button", { name: "下载 CSV" }));
  await expect(page.getByRole("alert")).toContainText("请选择用途");
  await choose(page, "purpose", "correct");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "下载 CSV" }).click()]);
  expect(file.suggestedFilename()).toMatch(/^quarantine_.*\.csv$/);
  const text = await readFile(await file.path(), "utf8");
  expect(text).toContain("_reason");
  expect(text.trim().split("\n").length).toBeGreaterThan(1);
  await page.context().close();

  const auditor = await as(browser, "auditor");
  await auditor.goto(address);
  await expect(auditor.getByRole("button", { name: "下载 CSV" })).toHaveCount(0);
  await auditor.context().close();
});

test("the queue is searched by case number, and an empty search says what to do", async ({ browser }) => {
  const page = await as(browser, "township");
  const [number] = (await cases(page, "/desk?closed=1")).keys();
  const search = page.getByRole("search").getByRole("textbox");
  await page.keyboard.press("/");
  await expect(search).toBeFocused();
  await search.fill(number.toLowerCase());
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toContainText(number);
  await search.fill("查无此人");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toContainText("没有找到案件");
  expect(page.url(), "what was typed stands in no address").not.toContain(encodeURIComponent("查无此人"));
  await page.goto("/desk?state=objection&channel=paper");
  await expect(page.getByRole("main")).toContainText("这样筛选没有结果");
  await press(page.getByRole("main").getByRole("link", { name: "清除筛选" }).first());
  await expect(page).toHaveURL(/\/desk$/);
  await page.context().close();
});

test("the queue leaves as an Excel file, with a purpose", async ({ browser }) => {
  const page = await as(browser, "district", { acceptDownloads: true });
  await page.goto("/desk?closed=1");
  await shot(page, "desk-queue");
  await press(page.getByRole("link", { name: "导出 Excel" }));
  await press(page.getByRole("button", { name: "导出 Excel" }));
  await expect(page.getByRole("alert")).toContainText("请选择用途");
  await choose(page, "purpose", "daily");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "导出 Excel" }).click()]);
  expect(file.suggestedFilename()).toMatch(/\.xlsx$/);
  expect((await readFile(await file.path())).subarray(0, 2).toString()).toBe("PK");
  await page.context().close();
});

test("a person is found by name at the window: number masked, name in no address", async ({ browser }) => {
  const page = await (await browser.newContext({ viewport: DESK })).newPage();
  await page.goto("/login");
  const name = await page.locator('button[name="account"][value="citizen"] b').innerText();
  await signIn(page, "township");
  await page.goto("/desk/intake/new");
  const who = page.getByRole("main").getByRole("textbox");
  await who.fill("查无此人");
  await press(page.getByRole("main").getByRole("button").first());
  await expect(page.getByRole("main")).toContainText("没有找到");
  await who.fill(name);
  await press(page.getByRole("main").getByRole("button").first());
  await expect(page.getByRole("listitem").filter({ hasText: name }).first()).toContainText("*");
  expect(await page.locator("body").innerText()).not.toMatch(/99\d{15}[\dX]/);
  expect(decodeURIComponent(page.url())).not.toContain(name);
  await page.context().close();
});

/** Nothing a template forgot to fill. */
async function expectWhole(page: Page): Promise<void> {
  expect(await page.locator("body").innerText(), page.url()).not.toMatch(/undefined|NaN|null|\{\d\}|□/);
}
