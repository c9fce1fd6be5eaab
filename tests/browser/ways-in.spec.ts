// A data steward and a department's file: wrong, explained, mended, undone. Nothing is lost on the way.
import { type Page, expect, test } from "@playwright/test";
import { DESK, PHONE, as, complaints, expectSound, field, press } from "./support";

const ROWS = 200;
const BROKEN = 12;

/** Water meters with headings that no contract knows, amounts in yuan, and twelve months that do not exist. */
function meters(): string {
  const lines = ["表具代号,品种,计费期间,耗量,应收款,抄表员"];
  for (let n = 0; n < ROWS; n++) {
    const month = n % 17 === 5 && n < 17 * BROKEN ? "2026-13" : "2026-08";
    lines.push(`W${String(n).padStart(6, "0")},水,${month},${n % 30},${(n * 0.5).toFixed(2)},某某`);
  }
  return lines.join("\r\n") + "\r\n";
}

async function upload(page: Page, name: string, text: string): Promise<void> {
  await page.goto("/bureau/data");
  await press(page.getByRole("link", { name: "上传数据文件" }));
  await field(page, "file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text, "utf-8") });
  await press(page.getByRole("button", { name: "上传并试收" }));
  await page.waitForURL(/\/bureau\/data\/jobs\//);
}

/** The page looks again by itself until the machine is through. */
async function until(page: Page, stage: string): Promise<void> {
  await expect(page.locator("main .tag").first()).toHaveText(stage, { timeout: 45_000 });
}

for (const script of [true, false]) {
  test(`a steward sends a wrong file, explains it, mends twelve rows and undoes it, ${script ? "with" : "without"} scripts`, async ({ browser }) => {
    const page = await as(browser, "steward", { viewport: DESK, javaScriptEnabled: script });
    const heard = complaints(page);
    const sound = async (where: string) => {
      if (!script) return;
      for (const size of [DESK, PHONE]) {
        await page.setViewportSize(size);
        await expectSound(page, `${where} at ${size.width}`);
      }
      await page.setViewportSize(DESK);
    };
    const mark = script ? "" : " ";

    // What is no data at all is refused in words, and let be.
    await upload(page, "说明.txt", `请各单位于月底前报送。${mark}\n联系人见通讯录。\n`);
    await until(page, "等您确认");
    await expect(page.getByRole("main")).toContainText("没有找到符合任何数据约定的表头");
    await press(page.getByRole("button", { name: "不要了，删除文件" }));
    await until(page, "已取消");

    // Strange headings: the steward says what they mean, once.
    await upload(page, "水表.csv", meters() + mark);
    await until(page, "等您确认");
    if (script) {
      await page.locator("select#source").selectOption("DS26");
      await press(page.getByRole("button", { name: "看它的列" }));
      await expect(page.getByRole("main")).toContainText("带 * 的列必须有");
      await sound("explaining headings");
      const means = { 表具代号: "account_no", 品种: "kind", 计费期间: "month", 耗量: "quantity", 应收款: "amount|元" };
      for (const [heading, column] of Object.entries(means)) await page.getByLabel(heading).selectOption(column);
      await page.getByLabel("品种").selectOption("month");
      await press(page.getByRole("button", { name: "保存对应关系，再试收" }));
      await expect(page.getByRole("alert")).toContainText("这一列已经选过了");
      await page.getByLabel("品种").selectOption("kind");
      await press(page.getByRole("button", { name: "保存对应关系，再试收" }));
    }
    // The second time, without scripts, they are known already.
    await expect(page.getByRole("button", { name: "确认入库" })).toBeVisible({ timeout: 45_000 });
    await expect(page.getByRole("main")).toContainText("日期不对");
    await expect(page.locator("main dl.kv dd")).toHaveText([`${ROWS}`, `${ROWS - BROKEN}`, `${BROKEN}`]);
    await sound("a file tried");
    await press(page.getByRole("button", { name: "确认入库" }));
    await until(page, "已办完");
    await sound("a file taken");

    // Eleven rows mended rightly, the twelfth wrongly: that one stays.
    await press(page.getByRole("link", { name: "修改隔离的行" }));
    const months = page.locator("main input[aria-invalid=true]");
    await expect(months).toHaveCount(BROKEN);
    await sound("rows to mend");
    for (let n = 0; n < BROKEN; n++) await months.nth(n).fill(n === 0 ? "2026-14" : "2026-08");
    await press(page.getByRole("button", { name: "送改过的行" }));
    await until(page, "已办完");
    await expect(page.locator("main dl.kv dd")).toHaveText([`${BROKEN}`, `${BROKEN - 1}`, "1"]);
    await press(page.getByRole("link", { name: "修改隔离的行" }));
    await expect(months).toHaveValue("2026-14");
    await months.fill("2026-08");
    await press(page.getByRole("button", { name: "送改过的行" }));
    await until(page, "已办完");
    await expect(page.locator("main dl.kv dd")).toHaveText(["1", "1", "0"]);

    // Back to the first batch: nothing waits there any more; it and what mended it are undone.
    const batches: string[] = [(await page.getByRole("link", { name: "看这一批" }).getAttribute("href"))!];
    for (let from = batches[0]; ; from = batches.at(-1)!) {
      await page.goto(from);
      const mends = page.locator("main dl.kv dt", { hasText: "修改的是" });
      if (!(await mends.count())) break;
      batches.push((await page.locator("main dl.kv dd a").first().getAttribute("href"))!);
    }
    expect(batches).toHaveLength(3);
    await expect(page.locator("main dl.kv")).toContainText("还没改的行0");
    for (const batch of batches) {
      await page.goto(batch);
      await expect(page.locator("main .tag").first()).toHaveText("在用");
      await field(page, "why").fill("试传，不是本月的数据");
      await press(page.getByRole("button", { name: "撤销", exact: true }));
      await expect(page.locator("main .tag").first()).toHaveText("已撤销");
    }
    await sound("a batch undone");
    await page.goto("/bureau/data/headings");
    await expect(page.getByRole("main")).toContainText("表具代号");
    await sound("headings remembered");
    await page.goto("/bureau/data/upload");
    await sound("files sent");
    expect(heard).toEqual([]);
    await page.context().close();
  });
}
