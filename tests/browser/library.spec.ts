// The low-income library: a steward finds who left dibao, sees the history and who is suspected; an officer takes a list out.
import { type Page, expect, test } from "@playwright/test";
import { PHONE, as, expectSound, field, press, shot } from "./support";

const rows = (page: Page) => page.locator("main table tbody tr");

test("a steward finds a household that left dibao last month and reads its history", async ({ browser }) => {
  const page = await as(browser, "steward");
  await page.goto("/bureau/library");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("低收入人口库");
  await expectSound(page, page.url());
  await shot(page, "library");
  await page.locator("details.filters summary").click();
  await field(page, "programme").selectOption("dibao");
  await field(page, "ended").selectOption("1");
  await press(page.getByRole("button", { name: "筛选" }));
  const found = rows(page).first();
  await expect(found, "the district has households that left dibao").toBeVisible();
  await press(found.getByRole("link"));

  // No name and no history before a reason is given.
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("为什么要看这户人家");
  await page.getByLabel("核对数据是否正确").check();
  await press(page.getByRole("button", { name: "打开" }));
  const history = page.locator("section", { has: page.getByRole("heading", { name: "来龙去脉" }) });
  await expect(history).toContainText("停止享受最低生活保障");
  await expect(history).toContainText("开始享受最低生活保障");
  await expectSound(page, page.url());
});

test("suspected households of one community, and a day that is none", async ({ browser }) => {
  const page = await as(browser, "steward", { viewport: PHONE });
  await page.goto("/bureau/library?layer=suspected");
  const place = (await rows(page).first().locator("th .muted").last().innerText()).trim();
  await field(page, "region").selectOption({ label: place });
  await press(page.getByRole("button", { name: "筛选" }));
  for (const tag of await rows(page).locator("td .tag").allInnerTexts()) expect(tag).toContain("疑似");
  for (const th of await rows(page).locator("th").allInnerTexts()) expect(th).toContain(place);
  await expectSound(page, page.url());
  await page.goto("/bureau/library?from=8%E6%9C%88");
  await expect(page.getByText("日期没看懂")).toBeVisible();
});

test("an officer takes a list out for a stated purpose", async ({ browser }) => {
  const page = await as(browser, "district");
  await page.goto("/bureau/library?layer=extended");
  await press(page.getByRole("link", { name: "导出 Excel" }));
  await press(page.getByRole("button", { name: "导出 Excel" }));
  await expect(page.getByRole("alert")).toContainText("请选择导出的用途");
  await page.getByLabel("检查、审计").check();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "导出 Excel" }).click();
  expect((await download).suggestedFilename()).toMatch(/^library_households_.*\.xlsx$/);
});
