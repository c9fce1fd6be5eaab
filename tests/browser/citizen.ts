// A household's application, one question a page, as the applicant fills it in.
import { type Page, expect } from "@playwright/test";
import { caseIn, choose, field, names, press } from "./support";

export interface Application {
  /** Of everybody who is asked: month's wage and other income, in yuan. */
  wage: string;
  other: string;
  medical: string;
  account: string;
}

export const MODEST: Application = { wage: "600", other: "0", medical: "1.2万", account: "6217009900001234567" };

const next = (page: Page) => page.locator(".barbtm").getByRole("button", { name: "下一步" });

/** What is on file already is folded away: opened, so that it can be answered anew. */
async function unfold(page: Page): Promise<void> {
  const folded = page.locator("main form details:not([open]) > summary");
  for (let left = await folded.count(); left > 0; left--) await folded.first().click();
}

/** From the first page to the authorisation; gives the case number. */
export async function fillIn(page: Page, answers: Application = MODEST): Promise<string> {
  await page.goto("/citizen/apply");
  await press(page.getByRole("main").getByRole("button", { name: "开始" }));
  // An application begun before goes on where it was left; here it is filled in from its first page again.
  await page.waitForURL(/\/citizen\/applications\//);
  const number = caseIn(page.url());
  await page.goto(`/citizen/applications/${number}/household`);
  await unfold(page);
  for (const name of await names(page, "member.")) await choose(page, name, "here");
  await press(next(page));
  await page.waitForURL(/\/reasons$/);
  await choose(page, "reasons", "illness");
  await choose(page, "reasons", "income");
  await field(page, "reason_text").fill("去年生病以后做不了重活，收入少了。");
  await press(next(page));
  await page.waitForURL(/\/income$/);
  await unfold(page);
  for (const name of await names(page, "wage_month.")) await field(page, name).fill(answers.wage);
  for (const name of await names(page, "other_income_month.")) await field(page, name).fill(answers.other);
  await press(next(page));
  await page.waitForURL(/\/medical$/);
  await field(page, "self_paid_medical_12m").fill(answers.medical);
  await press(next(page));
  await page.waitForURL(/\/property$/);
  await unfold(page);
  for (const [name, value] of [["fin_assets", "3000"], ["vehicle_value", "0"], ["home_count", "1"], ["company_capital", "0"]]) {
    await field(page, name).fill(value);
  }
  await press(next(page));
  await page.waitForURL(/\/account$/);
  await unfold(page);
  await field(page, "phone").fill("13900000000");
  await field(page, "bank").fill("农商银行");
  await field(page, "account").fill(answers.account);
  await press(next(page));
  await page.waitForURL(/\/consent$/);
  return number;
}

/** Each adult writes their own name. */
export async function everybodyConsents(page: Page): Promise<void> {
  const open = page.locator('main form[action$="/consent"]');
  for (let left = await open.count(); left > 0; left--) {
    const form = open.first();
    const name = await form.locator("xpath=ancestor::section[1]").getByRole("heading").innerText();
    await form.locator('input[name^="name."]').fill(name);
    await press(form.getByRole("button", { name: "我同意，签名" }));
    await expect(open).toHaveCount(left - 1);
  }
}

/** Reads through, promises, sends. */
export async function send(page: Page): Promise<void> {
  await press(page.locator(".barbtm").getByRole("link", { name: "下一步" }));
  await page.waitForURL(/\/review$/);
  await choose(page, "truth", "yes");
  await press(page.getByRole("button", { name: "提交申请" }));
  await page.waitForURL(/\/done$/);
}
