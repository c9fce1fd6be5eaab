// Everything works on plain pages: forms post, links load. Scripts only make it quicker.
import { expect, test } from "@playwright/test";
import { everybodyConsents, fillIn, send } from "./citizen";
import { PHONE, answerSixDimensions, as, caseIn, choose, field, press } from "./support";

const plain = { viewport: PHONE, javaScriptEnabled: false };

test("without scripts a citizen applies, is corrected and sends", async ({ browser }) => {
  const page = await as(browser, "citizen2", plain);
  const number = await fillIn(page);

  // A mistake is answered by the same page, the problems first and the words kept.
  await page.goto(`/citizen/applications/${number}/medical`);
  await field(page, "self_paid_medical_12m").fill("三万八");
  await press(page.locator(".barbtm button.pri"));
  await expect(page).toHaveTitle(/^错误：/);
  await expect(page.getByRole("alert").getByRole("link")).toHaveAttribute("href", "#self_paid_medical_12m");
  await expect(field(page, "self_paid_medical_12m")).toHaveValue("三万八");
  await field(page, "self_paid_medical_12m").fill("38000");
  await press(page.locator(".barbtm button.pri"));
  await page.waitForURL(/\/property$/);

  await page.goto(`/citizen/applications/${number}/consent`);
  await everybodyConsents(page);
  await send(page);
  await expect(page.getByRole("main")).toContainText(number);
  await page.goto(`/citizen/cases/${number}`);
  expect(caseIn(page.url())).toBe(number);
  await expect(page.getByRole("main")).toContainText("受理");
  await page.context().close();
});

test("without scripts a worker starts a visit, is corrected and records what was found", async ({ browser }) => {
  const page = await as(browser, "grid", plain);
  await press(page.locator("section.task h2 a").first());
  const start = page.getByRole("button", { name: "开始上门" });
  await press((await start.count()) ? start : page.getByRole("link", { name: "接着填" }));
  await page.waitForURL(/\/visit$/);
  await choose(page, "code", "need_confirmed");
  await press(page.getByRole("button", { name: "提交结果" }));
  await expect(page).toHaveTitle(/^错误：/);
  await expect(page.locator('[name="code"][value="need_confirmed"]')).toBeChecked();
  await field(page, "with_whom").fill("户主本人");
  await field(page, "note").fill("家里只靠低保老人的养老金，想申请救助。");
  await answerSixDimensions(page);
  await press(page.getByRole("button", { name: "提交结果" }));
  await page.waitForURL(/\/done$/);
  expect(caseIn(await page.getByRole("main").innerText())).toBeTruthy();
  await page.context().close();
});
