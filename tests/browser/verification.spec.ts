// A household's means, from every adult's signature to the paper that anybody can check (DB57 art. 9 and 17).
import { expect, test } from "@playwright/test";
import { DESK, PHONE, as, expectSound, field, press } from "./support";

test.describe.configure({ mode: "serial" });

const found = { household: "", report: "", paper: "" };

test("every adult signs on the screen, and without the last signature nobody is asked", async ({ browser }) => {
  const page = await as(browser, "township");
  // The household that is due again longest.
  await page.goto("/desk/verifications/due");
  const first = page.getByRole("main").getByRole("row").nth(1).getByRole("link").first();
  found.household = (await first.getAttribute("href"))!;
  expect(found.household).toMatch(/^\/desk\/households\/\d+$/);

  await page.goto(`${found.household}/consents`);
  await expectSound(page, "authorisations");
  // Beside it stand forms that withdraw what was given before.
  const form = page.locator("form[data-consent]");
  const people = await field(form, "person").locator("option").evaluateAll((all) =>
    all.map((o) => ({ id: (o as HTMLOptionElement).value, name: (o.textContent ?? "").split(" · ")[0] })));
  expect(people.length).toBeGreaterThan(0);
  for (const [i, person] of people.entries()) {
    if (i === people.length - 1) {
      const id = found.household.split("/").pop()!;
      await page.goto(`/desk/verifications/order?household=${id}`);
      await expectSound(page, "order");
      const refused = page.waitForResponse((r) => r.request().method() === "POST");
      await press(page.getByRole("main").getByRole("button", { name: "发出查询" }));
      expect((await refused).status()).toBe(422);
      await expect(page.getByRole("alert")).toContainText("没有发出任何查询");
      await page.goto(`${found.household}/consents`);
    }
    await field(form, "purpose").selectOption("assistance");
    await field(form, "person").selectOption(person.id);
    await field(form, "name").fill(person.name);
    await field(form, "mark").selectOption("signature");
    await page.locator("canvas").scrollIntoViewIfNeeded();
    const box = (await page.locator("canvas").boundingBox())!;
    await page.mouse.move(box.x + 40, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 160, box.y + 120, { steps: 8 });
    await page.mouse.up();
    await press(page.getByRole("main").getByRole("button", { name: "登记" }));
    await expect(page).toHaveURL(/done=given/);
  }
  await expect(page.getByRole("main").locator("section").first()).toContainText("授权有效");
  await page.context().close();
});

test("the sources answer, the report says what they come to, and the paper is genuine", async ({ browser }) => {
  const page = await as(browser, "township");
  const id = found.household.split("/").pop()!;
  await page.goto(`/desk/verifications/order?household=${id}`);
  // The first question after a start reads the whole pool.
  await Promise.all([
    page.waitForURL(/\/desk\/verifications\/[A-Z0-9-]+$/, { timeout: 60_000 }),
    page.getByRole("main").getByRole("button", { name: "发出查询" }).click({ timeout: 60_000 }),
  ]);
  found.report = new URL(page.url()).pathname;
  await expect(page.getByRole("heading", { name: "结论" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("main")).toContainText("由人决定");
  await expectSound(page, "report");
  await page.setViewportSize(PHONE);
  await expectSound(page, "report on a phone");
  await page.setViewportSize(DESK);

  await page.goto(`${found.report}/letter`);
  await expectSound(page, "letter");
  await expect(page.locator(".qr svg")).toBeVisible();
  found.paper = await page.locator(".check .url").innerText();
  await page.context().close();

  const anybody = await (await browser.newContext({ viewport: PHONE })).newPage();
  await anybody.goto(new URL(found.paper).pathname + new URL(found.paper).search);
  await expect(anybody.getByRole("main")).toContainText("这份报告是真的");
  await expectSound(anybody, "authenticity");
  await anybody.goto(`${new URL(found.paper).pathname}?d=0123456789abcdef`);
  await expect(anybody.getByRole("main")).toContainText("没有查到这份报告");
  await anybody.context().close();
});

test("a withdrawal is as simple, and ends every further query", async ({ browser }) => {
  const page = await as(browser, "township");
  await page.goto(`${found.household}/consents`);
  await page.getByText("收回授权").first().click();
  await press(page.getByRole("button", { name: "收回", exact: true }).first());
  await expect(page).toHaveURL(/done=withdrawn/);
  const id = found.household.split("/").pop()!;
  await page.goto(`/desk/verifications/order?household=${id}`);
  const refused = page.waitForResponse((r) => r.request().method() === "POST");
  await press(page.getByRole("main").getByRole("button", { name: "发出查询" }));
  expect((await refused).status()).toBe(422);
  await page.context().close();
});
