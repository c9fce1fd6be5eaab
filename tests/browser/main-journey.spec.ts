// A household's way from the application to the pay list, through every hand that law asks for (DB57 art. 9 to 27).
import { type Page, expect, test } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { everybodyConsents, fillIn, send } from "./citizen";
import {
  DESK, PHONE, answerSixDimensions, as, caseIn, choose, expectSound, fen, field, letDaysPass, names, press, shot,
} from "./support";

test.describe.configure({ mode: "serial" });

const journey = { number: "", applicant: "", programme: "", monthly: 0, month: "" };
const desk = () => `/desk/cases/${journey.number}`;

/** The case's act of this moment, in the box beside the case. */
const box = (page: Page) => page.locator("#act");

test("a citizen applies, is helped with a wrong amount, and every adult consents", async ({ browser }) => {
  const page = await as(browser, "citizen", { viewport: PHONE });
  await expect(page).toHaveURL(/\/citizen$/);
  await shot(page, "citizen-home");

  // First with a mistake: the page comes back with it, the summary takes the focus, nothing typed is lost.
  await page.goto("/citizen/apply");
  await press(page.getByRole("main").getByRole("button", { name: "开始" }));
  await page.waitForURL(/\/citizen\/applications\//);
  const number = caseIn(page.url());
  await page.goto(`/citizen/applications/${number}/medical`);
  await field(page, "self_paid_medical_12m").fill("三万八");
  const refused = page.waitForResponse((r) => r.request().method() === "POST");
  await press(page.locator(".barbtm").getByRole("button", { name: "下一步" }));
  expect((await refused).status()).toBe(422);
  const summary = page.getByRole("alert");
  await expect(summary).toBeFocused();
  await expect(page).toHaveTitle(/^错误：/);
  await expect(field(page, "self_paid_medical_12m")).toHaveValue("三万八");
  await expect(field(page, "self_paid_medical_12m")).toHaveAttribute("aria-invalid", "true");
  await summary.getByRole("link").click();
  await expect(field(page, "self_paid_medical_12m")).toBeFocused();
  await shot(page, "citizen-error");

  expect(await fillIn(page)).toBe(number);
  await shot(page, "citizen-consent");
  await everybodyConsents(page);
  await send(page);
  await expect(page.getByRole("main")).toContainText(number);
  await expect(page.getByRole("main")).toContainText("申请已经受理");
  await page.goto(`/citizen/cases/${number}`);
  await expect(page.getByRole("link", { name: "受理通知书" })).toBeVisible();
  await shot(page, "citizen-progress");
  journey.number = number;
  await page.context().close();
});

/** Draws a line on a pad; that chooses to sign on the screen. */
async function sign(page: Page, pad: string): Promise<void> {
  const canvas = page.locator(`[id="${pad}"]`);
  await canvas.scrollIntoViewIfNeeded();
  const at = await canvas.boundingBox();
  if (!at) throw new Error(`${pad} is not shown`);
  await page.mouse.move(at.x + 30, at.y + 40);
  await page.mouse.down();
  await page.mouse.move(at.x + 160, at.y + 90, { steps: 4 });
  await page.mouse.up();
}

test("the township checks, judges the differences, visits in twos and gives its opinion", async ({ browser }) => {
  const page = await as(browser, "township");
  await expect(page).toHaveURL(/\/desk$/);
  await page.getByRole("search").getByRole("textbox").fill(journey.number);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/desk/cases/${journey.number}$`));
  journey.applicant = (await page.getByRole("heading", { level: 1 }).innerText()).split(/\s/)[0];

  await press(box(page).getByRole("button", { name: "我来办" }));
  await press(box(page).getByRole("button", { name: "核对", exact: true }));
  await expect(page.getByRole("status")).toContainText("核对完成");
  await expect(page.getByRole("heading", { name: "经济状况核对" })).toBeVisible();
  await shot(page, "desk-case");

  await press(box(page).getByRole("link", { name: "登记入户调查" }));
  await expect(page.getByRole("heading", { level: 1 })).toContainText("登记入户调查");
  // One visitor is not enough.
  await choose(page, "signed", "none");
  await press(page.getByRole("button", { name: "登记入户调查" }));
  await expect(page.getByRole("alert")).toContainText("两位入户人员");
  await field(page, "visitor.1").fill("演示·社区干部");
  await field(page, "account.1").fill("village");
  for (const name of await names(page, "self_care.")) await choose(page, name, "none");
  for (const name of await names(page, "work.")) await choose(page, name, "partial");
  for (const name of await names(page, "supporter.")) await choose(page, name, "no");
  for (const name of await names(page, "disease.")) await choose(page, name, "no");
  for (const name of await names(page, "here.")) await choose(page, name, "yes");
  // Some hardship, neither the worst nor none of it.
  expect(await answerSixDimensions(page, (choices) => Math.max(choices - 2, 0))).toBeGreaterThanOrEqual(30);
  await choose(page, "signed", "drawn");
  for (const pad of ["pad.ink.0", "pad.ink.1", "pad.ink.family"]) await sign(page, pad);
  await field(page, "note").fill("住自家老房，屋里整洁；户主做零工，收入不稳。");
  await page.evaluate(() => window.scrollTo(0, 0));
  await shot(page, "desk-visit");
  await press(page.getByRole("button", { name: "登记入户调查" }));
  await expect(page.getByRole("status")).toContainText("入户调查已登记");

  // Without a reason a difference is not settled.
  const open = page.locator("tr.formrow");
  const differences = await open.count();
  expect(differences, "what was declared differs somewhere from the departments' data").toBeGreaterThan(0);
  await open.first().locator("summary").click();
  await press(open.first().getByRole("button", { name: "记下" }));
  await expect(page.getByRole("alert")).toContainText("请写明理由");
  for (let left = differences; left > 0; left--) {
    const row = open.first();
    if ((await row.locator("details").getAttribute("open")) === null) await row.locator("summary").click();
    await choose(row, "use", "found");
    await field(row, "reason").fill("和本人核对过，以部门记录为准。");
    await press(row.getByRole("button", { name: "记下" }));
    await expect(open).toHaveCount(left - 1);
  }

  await choose(box(page), "outcome", "approve");
  journey.programme = await field(box(page), "programme").inputValue();
  expect(journey.programme, "the finding proposes a programme").not.toBe("");
  journey.monthly = fen(await field(box(page), "monthly").inputValue());
  expect(journey.monthly).toBeGreaterThan(0);
  await field(box(page), "text").fill("情况属实，拟同意。");
  await shot(page, "desk-opinion");
  await press(box(page).getByRole("button", { name: "提交负责人签署" }));
  await expect(page.getByRole("status")).toContainText("初审意见已提交");
  // Who gave the opinion cannot sign it as well.
  await expect(box(page).getByRole("button", { name: "下一步" })).toHaveCount(0);
  await page.context().close();
});

test("the leader signs, and the board shows the masked name only", async ({ browser }) => {
  const page = await as(browser, "leader");
  await page.goto(desk());
  await choose(box(page), "agree", "yes");
  await press(box(page).getByRole("button", { name: "下一步" }));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("签署初审意见");
  await press(page.getByRole("button", { name: "签署并公示" }));
  await expect(page.getByRole("status")).toContainText("已签署");
  await page.context().close();

  const board = await (await browser.newContext({ viewport: PHONE })).newPage();
  await board.goto("/public/notices");
  const posted = board.getByRole("main").locator("section").filter({ hasText: amountIn(journey.monthly) });
  // The family name and a star; two characters of it for the few compound names.
  const names = [1, 2].map((letters) => `${[...journey.applicant].slice(0, letters).join("")}*`);
  const name = await posted.getByRole("heading").first().innerText();
  expect(names).toContain(name);
  await expect(board.getByRole("main")).not.toContainText(journey.applicant);
  await expect(board.getByRole("main")).not.toContainText(journey.number);
  await shot(board, "public-notices");

  // Anybody may object here; without a reason the form comes back, and nothing is sent.
  await press(posted.getByRole("link", { name: "提出异议" }));
  await press(board.getByRole("button", { name: "提交异议" }));
  await expect(board.getByRole("alert")).toContainText("请写明您的意见和理由");
  await expectSound(board, "objection");
  await board.goto("/public/objections");
  await field(board, "code").fill("2222-2222-2222");
  await press(board.getByRole("button", { name: "查看", exact: true }));
  await expect(board.getByRole("status")).toContainText("没有查到");
  await letDaysPass(board, 8);
  await board.goto("/public/notices");
  await expect(posted).toHaveCount(0);
  await board.context().close();
});

test("the reviewer confirms on a page of its own, and the citizen reads the letter", async ({ browser }) => {
  const page = await as(browser, "reviewer");
  await page.goto(desk());
  await choose(box(page), "outcome", "approve");
  await press(box(page).getByRole("button", { name: "下一步：看清楚再定" }));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("审核确认");
  await expect(page.getByRole("main")).toContainText(journey.applicant);
  await shot(page, "desk-confirm");
  await press(page.getByRole("button", { name: "确认，发告知书" }));
  await expect(page.getByRole("status")).toContainText("已确认");
  await expect(page.getByRole("link", { name: "审核确认告知书" })).toBeVisible();
  await page.context().close();

  const citizen = await as(browser, "citizen", { viewport: PHONE });
  await press(citizen.getByRole("main").getByRole("link", { name: "看结果" }));
  await citizen.waitForURL(/\/notices\//);
  const letter = citizen.getByRole("main");
  await expect(letter).toContainText(journey.number);
  await expect(letter).toContainText(journey.applicant);
  await expect(letter).toContainText(amountIn(journey.monthly));
  await expect(letter).toContainText("依据");
  await shot(citizen, "letter");
  await citizen.context().close();
});

test("one officer prepares next month's pay list, another signs it, and the bank file holds the amount", async ({ browser }) => {
  const page = await as(browser, "district");
  await page.goto("/desk/payments");
  const months = await page.locator("#month option").evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value));
  journey.month = months.toSorted().at(-1)!;
  await page.locator("#month").selectOption(journey.month);
  await press(page.getByRole("button", { name: "先看看" }));
  await press(page.getByRole("button", { name: "编制名册" }));
  await page.waitForURL(new RegExp(`/desk/payments/${journey.month}`));
  await expect(page.getByRole("status")).toContainText("请另一人签发");

  // Not by the same person: no button, the reason in words, and the address refuses as well.
  await expect(page.getByRole("link", { name: "签发", exact: true })).toHaveCount(0);
  await expect(page.getByRole("main")).toContainText("请由没有经手过的人办");
  await page.goto(`/desk/payments/${journey.month}/sign`);
  const own = page.getByRole("button", { name: "签发，交银行发放" });
  if (await own.count()) {
    const answer = page.waitForResponse((r) => r.request().method() === "POST");
    await press(own);
    expect([403, 409]).toContain((await answer).status());
  } else {
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("您不能打开这一页");
  }
  await page.context().close();

  const second = await as(browser, "district2", { acceptDownloads: true });
  await second.goto(`/desk/payments/${journey.month}`);
  await press(second.getByRole("link", { name: "签发", exact: true }));
  await press(second.getByRole("button", { name: "签发，交银行发放" }));
  await expect(second.getByRole("status")).toContainText("已签发");
  await shot(second, "desk-payment");

  const csv = await download(second, "下载 CSV");
  expect(csv.name).toMatch(/\.csv$/);
  const text = csv.bytes.toString("utf8");
  expect(text.startsWith("\uFEFF"), "spreadsheets need the mark to show Chinese").toBe(true);
  const line = text.split(/\r?\n/).find((l) => l.includes(journey.number));
  expect(line, "the new benefit is on the list").toBeTruthy();
  expect(line!.split(",").at(-2)).toBe((journey.monthly / 100).toFixed(2));
  const xlsx = await download(second, "下载 Excel");
  expect(xlsx.name).toMatch(/\.xlsx$/);
  expect(xlsx.bytes.subarray(0, 2).toString()).toBe("PK");
  await second.context().close();
});

test("the auditor sees every step in the journal, and the journal proves itself", async ({ browser }) => {
  const page = await as(browser, "auditor");
  await page.goto(`/bureau/journal?subject=case:${journey.number}`);
  const acts = await page.locator("tbody tr td:nth-child(2)").allInnerTexts();
  for (const act of ["submit", "check", "judge", "visit", "opinion", "sign", "decide"]) {
    expect(acts.some((a) => a.trim().endsWith(`.${act}`)), `${act} among ${acts.join(" ")}`).toBe(true);
  }
  await expect(page.getByRole("main")).not.toContainText(journey.applicant);
  await press(page.getByRole("button", { name: "核验日志" }));
  await expect(page.getByRole("status")).toContainText("日志完整");
  await shot(page, "bureau-journal");
  await page.context().close();
});

/** As pages write it: `1,724` or `1,724.50`. */
function amountIn(fen: number): string {
  return (fen / 100).toLocaleString("en-US", { minimumFractionDigits: fen % 100 ? 2 : 0 });
}

async function download(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}
