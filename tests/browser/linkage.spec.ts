// A data steward says whether a row without a number that holds is somebody who is known, sees it go in, and takes that back.
import { expect, test } from "@playwright/test";
import { DESK, PHONE, as, choose, complaints, expectSound, field, press } from "./support";

test("a steward reads what speaks for it, decides with a reason, sees the row arrive and takes it back", async ({ browser }) => {
  const page = await as(browser, "steward");
  const heard = complaints(page);
  const sound = async (where: string) => {
    for (const size of [PHONE, DESK]) {
      await page.setViewportSize(size);
      await expectSound(page, `${where} at ${size.width}`);
    }
  };
  await press(page.getByRole("link", { name: "人员比对" }));
  const first = page.locator("main tbody tr").first();
  await expect(first.locator("th a")).toHaveText(/^.{1,2}\*$/);
  await sound("the list");
  await press(first.locator("th a"));

  // The bars end where the sum stands.
  const steps = page.locator("table.wfall tbody tr");
  await expect(steps.last()).toContainText("是同一人的可能");
  const bits = (await steps.locator("td:nth-child(3)").allInnerTexts()).map((text) => Number(text.replace("−", "-")));
  const sum = bits.pop()!;
  expect(Math.abs(bits.reduce((a, b) => a + b, 0) - sum)).toBeLessThan(0.5);
  await sound("a pair");

  await press(page.getByRole("button", { name: "记下判定" }));
  await expect(page.getByRole("alert")).toContainText("请选一项");
  await choose(page, "state", "same");
  await field(page, "why").fill("与户口簿核对一致");
  await press(page.getByRole("button", { name: "记下判定" }));
  await expect(page.getByRole("main")).toContainText("已用此人的号码补收入库", { timeout: 45_000 });
  await expect(page.locator("main .tag").first()).toHaveText("同一人");
  await sound("a pair decided");
  const pair = page.url();
  await page.goto("/bureau/linkage?state=same");
  await expect(page.getByRole("main")).toContainText("与户口簿核对一致");

  await page.goto(pair);
  await field(page, "why").fill("户口簿是旧的，重新核实");
  await press(page.getByRole("button", { name: "撤回判定" }));
  await expect(page.locator("main .tag").first()).toHaveText("待判定");
  await expect(page.locator("main ol.tl li")).toHaveCount(2);
  expect(heard).toEqual([]);
  await page.context().close();
});
