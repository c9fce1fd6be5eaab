// An alert leads a worker to the door; what is found opens a case or closes the alert, and never shows the worker an amount.
import { type Page, expect, test } from "@playwright/test";
import { PHONE, answerSixDimensions, as, caseIn, choose, field, press, shot } from "./support";

test.describe.configure({ mode: "serial" });

const found = { number: "", household: "" };

/** A sum of money in any way our pages write one. */
const MONEY = /[¥￥]\s*\d|\d[\d,.]*\s*(万)?元/;

async function expectNoMoney(page: Page): Promise<void> {
  expect(await page.locator("body").innerText(), page.url()).not.toMatch(MONEY);
}

/** Addresses of the tasks on all pages of a list. */
async function tasks(page: Page, list: string): Promise<string[]> {
  const all: string[] = [];
  await page.goto(list);
  for (;;) {
    all.push(...(await page.locator("main section.task h2 a").evaluateAll((links) => links.map((a) => a.getAttribute("href")!))));
    const next = page.getByRole("link", { name: "下一页" });
    if (!(await next.count())) return all;
    await press(next);
  }
}

test("a grid worker goes to a household and confirms its need: a case is opened", async ({ browser }) => {
  const page = await as(browser, "grid", { viewport: PHONE });
  await expect(page).toHaveURL(/\/field$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("我的入户");
  await expectNoMoney(page);
  await shot(page, "field-home");
  const [first] = await tasks(page, "/field");
  expect(first, "the demonstration's worker has somebody to visit").toBeTruthy();

  await page.goto(first);
  found.household = await page.getByRole("heading", { level: 1 }).innerText();
  await expect(page.getByRole("heading", { name: "为什么去" })).toBeVisible();
  await expectNoMoney(page);
  await shot(page, "field-task");
  await press(page.getByRole("button", { name: "开始上门" }));
  await page.waitForURL(/\/visit$/);

  // Nothing chosen: the page says what is missing, and keeps what was written.
  await field(page, "with_whom").fill("户主本人");
  await press(page.getByRole("button", { name: "提交结果" }));
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByRole("alert")).toContainText("请选择一个结果");
  await expect(field(page, "with_whom")).toHaveValue("户主本人");

  await choose(page, "code", "need_confirmed");
  await field(page, "note").fill("户主说去年生病后没了固定收入，想申请救助。");
  await page.locator("details.dim summary").first().click();
  await expectNoMoney(page);
  await shot(page, "field-visit");
  await press(page.getByRole("button", { name: "提交结果" }));
  await page.waitForURL(/\/done$/);
  found.number = caseIn(await page.getByRole("main").innerText());
  await expectNoMoney(page);
  await shot(page, "field-done");
  await page.context().close();
});

test("the village officer finds the case, waiting for the household's consent", async ({ browser }) => {
  const page = await as(browser, "village");
  await page.goto("/desk");
  await expect(page.getByRole("main").getByRole("link", { name: found.household }).first()).toBeVisible();
  await page.goto(`/desk/cases/${found.number}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(found.household);
  await expect(page.getByRole("main")).toContainText("没授权");
  // Nothing may be checked before that.
  await expect(page.getByRole("button", { name: "核对", exact: true })).toHaveCount(0);
  await page.context().close();

  const township = await as(browser, "township");
  await township.goto(`/desk/cases/${found.number}`);
  await expect(township.getByRole("heading", { level: 1 })).toContainText(found.household);
  await expect(township.getByRole("button", { name: "核对", exact: true })).toHaveCount(0);
  await township.context().close();
});

test("a visit that finds no hardship closes the alert, once the six dimensions were asked", async ({ browser }) => {
  const page = await as(browser, "grid", { viewport: PHONE });
  const open = await tasks(page, "/field");
  const last = open.at(-1)!;
  await page.goto(last);
  await press(page.getByRole("button", { name: "开始上门" }));
  await choose(page, "code", "verified_no_hardship");
  await field(page, "with_whom").fill("户主和配偶");
  await field(page, "note").fill("家里收入稳定，看病的钱已经报销，没有难处。");
  // "No hardship" is a finding, not a guess: unasked questions do not carry it.
  await press(page.getByRole("button", { name: "提交结果" }));
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(field(page, "note")).toHaveValue("家里收入稳定，看病的钱已经报销，没有难处。");
  await answerSixDimensions(page);
  await press(page.getByRole("button", { name: "提交结果" }));
  await page.waitForURL(/\/done$/);
  await expect(page.getByRole("main")).toContainText("这条线索办结了");

  expect(await tasks(page, "/field")).not.toContain(last);
  expect(await tasks(page, "/field?cut=closed")).toContain(last);
  await expectNoMoney(page);
  await page.goto("/field/policies");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("找政策");
  await page.context().close();
});
