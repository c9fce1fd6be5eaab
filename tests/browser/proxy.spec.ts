// One neighbour acts for another: a number said aloud, a mandate on a phone, the other's case, and its end at once.
import { expect, test } from "@playwright/test";
import { fillIn } from "./citizen";
import { PHONE, as, choose, complaints, expectNoSidewaysScroll, expectSound, field, press } from "./support";

test("somebody acts for a neighbour until it is taken back", async ({ browser }) => {
  const [hers, his] = [await as(browser, "citizen2", { viewport: PHONE }), await as(browser, "citizen", { viewport: PHONE })];
  const heard = [complaints(hers), complaints(his)];
  const open = hers.getByRole("main").getByRole("link", { name: "看详情" });
  const number = (await open.count()) ? (await open.first().getAttribute("href"))!.split("/").at(-1)! : await fillIn(hers);

  await his.goto("/citizen");
  await his.getByRole("main").getByRole("link", { name: /^代办/ }).click();
  await expectSound(his, "acting for somebody, empty");
  await press(his.getByRole("button", { name: "取代办号" }));
  const said = await his.locator("#proxy-code").innerText();
  expect(said).toMatch(/^\d{4} \d{4}$/);
  await expectSound(his, "the number");

  await hers.goto("/citizen/proxy");
  await field(hers, "code").fill("1234");
  await press(hers.getByRole("button", { name: "确认委托" }));
  await expect(hers.getByRole("alert")).toBeFocused();
  await expectSound(hers, "a mandate with mistakes");
  await field(hers, "code").fill(said);
  await choose(hers, "relation", "other");
  await choose(hers, "case", number);
  await choose(hers, "months", "3");
  await choose(hers, "sensitive", "no");
  await choose(hers, "authorises", "no");
  await press(hers.getByRole("button", { name: "确认委托" }));
  await expect(hers.getByRole("status")).toContainText("已经委托");
  await expectSound(hers, "a mandate given");
  await expectNoSidewaysScroll(hers, "a mandate given");

  await his.goto("/citizen/proxy");
  await press(his.getByRole("button", { name: /^替 .+ 办$/ }));
  await expect(his.getByRole("note")).toContainText("您正在替");
  await expectSound(his, "the neighbour's own page");
  expect((await his.goto(`/citizen/cases/${number}`))?.status()).toBe(200);
  await expectSound(his, "the neighbour's case");
  expect((await his.goto("/citizen/consents"))?.status()).toBe(403);
  await expect(his.getByRole("main")).toContainText("委托里没有包括这一项");

  await press(hers.getByRole("button", { name: /^收回委托/ }));
  await expect(hers.getByRole("status")).toContainText("马上生效");
  expect((await his.goto(`/citizen/cases/${number}`))?.status()).toBe(403);
  await his.goto("/citizen");
  await expect(his.getByRole("note")).toHaveCount(0);
  expect(heard.flat()).toEqual([]);
  await hers.context().close();
  await his.context().close();
});
