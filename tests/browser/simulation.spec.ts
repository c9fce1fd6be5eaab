// Trying a change of the rules before it is made: who gains, what it costs, where the edges are, and how deep need goes.
import { type Page, expect, test } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { DESK, PHONE, as, choose, complaints, expectSound, field, press } from "./support";

/** Runs take seconds to a minute; the page looks again by itself. */
async function computed(page: Page): Promise<void> {
  await expect(page.locator("progress")).toHaveCount(0, { timeout: 80_000 });
}

/** Small, large, and in elder mode: the same measures as everywhere. */
async function soundInAllSizes(page: Page, where: string): Promise<void> {
  for (const size of [PHONE, DESK]) {
    await page.setViewportSize(size);
    await expectSound(page, `${where} at ${size.width}`);
  }
}

test("an officer tries a higher standard, compares two and takes the figures along", async ({ browser }) => {
  const page = await as(browser, "reviewer");
  const heard = complaints(page);
  await page.goto("/bureau/simulate");
  await expectSound(page, "the empty form");

  // Wrong input: every mistake is named, nothing typed is lost.
  await press(page.getByRole("button", { name: "开始试算" }));
  await expect(page.getByRole("alert")).toContainText("请至少选一个参数");
  await choose(page, "set0", "dibao_standard_urban");
  await field(page, "set0-v").fill("一千");
  await press(page.getByRole("button", { name: "开始试算" }));
  await expect(page.getByRole("alert")).toContainText("请写金额");
  await expect(field(page, "set0-v")).toHaveValue("一千");

  await field(page, "set0-v").fill("1020");
  await choose(page, "against0", "dibao_standard_urban");
  await field(page, "against0-v").fill("980");
  await press(page.getByRole("button", { name: "开始试算" }));
  await computed(page);
  const result = page.locator("#result");
  await expect(result.locator(".trial")).toHaveCount(2);
  await expect(result).toContainText("每月多花");
  const yearly = await result.locator(".trial .kpi:nth-child(2) .v").allInnerTexts();
  const [higher, lower] = yearly.map((text) => Number(text.replace(/[^\d.-]/g, "")));
  expect(higher).toBeGreaterThan(lower);
  await soundInAllSizes(page, "the result of a trial");

  // Figures of groups only: no name, no number of a household or a case.
  expect(await result.innerText()).not.toMatch(/\d{17}[\dXx]|QY\d{2}-\d{5}/);

  await choose(page, "purpose", "decision");
  const [book] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "下载 Excel" }).click()]);
  expect((await readFile(await book.path())).subarray(0, 2).toString()).toBe("PK");

  // The address alone shows the same again, for whoever is sent it.
  const again = await as(browser, "district");
  await again.goto(new URL(page.url()).pathname + new URL(page.url()).search);
  await computed(again);
  await expect(again.locator("#result .trial .kpi:nth-child(2) .v").first()).toHaveText(yearly[0]);
  expect(heard).toEqual([]);
  for (const p of [page, again]) await p.context().close();
});

test("cliffs are drawn with a sentence each, and gaps are counted", async ({ browser }) => {
  const page = await as(browser, "reviewer");
  await page.goto("/bureau/simulate/cliffs");
  await computed(page);
  const curves = page.locator("svg.curve");
  expect(await curves.count()).toBeGreaterThan(0);
  for (const curve of await curves.all()) expect(await curve.getAttribute("aria-label")).toMatch(/：|: .+/);
  await expect(page.getByRole("heading", { name: "该有而没有的" })).toBeVisible();
  await soundInAllSizes(page, "cliffs");
  await page.goto("/bureau/simulate/cliffs?lang=en&elder=1");
  await computed(page);
  await soundInAllSizes(page, "cliffs in English for elders");
  await page.context().close();
});

test("the depth of need is shown with the share that was assessed, for every line", async ({ browser }) => {
  const page = await as(browser, "reviewer");
  await page.goto("/bureau/poverty");
  await computed(page);
  await expect(page.getByRole("main")).toContainText("近12个月评估过");
  const lines = await page.locator("nav.tabs").first().getByRole("link").allInnerTexts();
  expect(lines.length).toBeGreaterThan(2);
  const m0 = async () => Number((await page.locator(".kpi .v").last().innerText()).replace(/[^\d.]/g, ""));
  const first = await m0();
  await press(page.locator("nav.tabs").first().getByRole("link").last());
  await computed(page);
  // A higher line counts fewer as poor: adjusted headcount cannot grow.
  expect(await m0()).toBeLessThanOrEqual(first);
  await soundInAllSizes(page, "the depth of need");
  await page.context().close();
});
