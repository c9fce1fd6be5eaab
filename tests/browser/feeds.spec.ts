// A data steward finds a feed, reads how it stands, and records that its agreement was renewed.
import { expect, test } from "@playwright/test";
import { as, expectSound, press, shot } from "./support";

test("a steward finds a feed and records a renewal, wrong date first", async ({ browser }) => {
  const page = await as(browser, "steward");
  await page.goto("/bureau/data");
  await expectSound(page, "the list of feeds");
  await page.getByLabel("按名称、编号或部门找").fill("DS25");
  await press(page.getByRole("button", { name: "筛选" }));
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await press(page.locator("tbody tr").getByRole("link").first());
  await expectSound(page, "a feed");
  await shot(page, "bureau-feed");
  await expect(page.locator("#depends")).toContainText("事实");

  await page.getByLabel("有效至").fill("明年底");
  await page.getByLabel("凭据文号").fill("清数〔2026〕25号");
  await press(page.getByRole("button", { name: "登记", exact: true }));
  await expect(page.getByRole("alert")).toContainText("请填日期");
  await expect(page.getByLabel("凭据文号")).toHaveValue("清数〔2026〕25号");
  await page.getByLabel("有效至").fill("2029-12-31");
  await press(page.getByRole("button", { name: "登记", exact: true }));
  await expect(page.locator("#agreements")).toContainText("清数〔2026〕25号");
  await expect(page.locator("#agreements")).toContainText("2029年12月31日");

  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.goto("/bureau/data").then(() => page.getByRole("link", { name: "导出 Excel" }).click()),
  ]);
  expect(file.suggestedFilename()).toMatch(/^feeds_\d{8}\.xlsx$/);
  await page.context().close();
});
