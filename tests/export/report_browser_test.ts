import assert from "assert";
import { demoWeek } from "../../.tasks/demo_week.ts";
import { Store } from "../../lib/store/store.ts";
import { directoryWith, runCaptured } from "../cli/captured_run.ts";
import { HeadlessBrowser } from "../harness/browser.ts";
import { faintTexts } from "../harness/contrast.ts";
import { exportTag } from "./exported.ts";
import { HOSTILE_TEXTS } from "./hostile.ts";

/** The report of the invented week, and of an attacker who writes to its reader, as files. */
async function reportFiles(): Promise<
  { readonly week: string; readonly hostile: string } & Disposable
> {
  const files = directoryWith({});
  const { path } = files;
  demoWeek(`${path}/week.db`);
  {
    using store = Store.open(`${path}/hostile.db`);
    const texts = HOSTILE_TEXTS.flatMap((text) => [text, `${text} and more`]);
    store.tags.insert(
      texts.map((text, index) => {
        const ids = { attackerUuid: `a ${text}`, sessionId: `s ${text}`, deckyId: `d ${text}` };
        const evidence = { command_text: `sh -c ${text}`, matched: text, [`field ${text}`]: text };
        const technique = index % 2 === 0 ? {} : { tactic: `TA ${text}`, techniqueId: `T ${text}` };
        return exportTag({ ...ids, ...technique, ruleId: `R ${text}`, evidence });
      }),
      new Date("2026-05-02T01:00:00Z"),
    );
  }
  for (const name of ["week", "hostile"]) {
    const args = ["report", "--db", `${path}/${name}.db`, "-o", `${path}/${name}.html`];
    const { code, err } = await runCaptured([...args, "--examples", "50"]);
    assert.equal(code, 0, err);
  }
  return {
    week: `file://${path}/week.html`,
    hostile: `file://${path}/hostile.html`,
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

Deno.test("a report in a real browser", async (t) => {
  using files = await reportFiles();
  await using browser = await HeadlessBrowser.start();

  await t.step(
    "a technique unfolds to its sub-techniques, and leads to its evidence",
    async () => {
      const { page, complaints } = await browser.open(files.week);
      const cell = page.locator("details.cell", { hasText: "T1059" }).first();
      const shell = cell.getByText("Unix Shell");
      assert.equal(await shell.isVisible(), false);
      await cell.locator("summary").click();
      assert.equal(await shell.isVisible(), true);
      await shell.click();
      const evidence = page.locator("details.evidence", { hasText: "T1059" }).first();
      assert.notEqual(await evidence.getAttribute("open"), null);
      const typed = evidence.locator("code").first();
      await typed.waitFor({ state: "visible" });
      assert.match(page.url(), /#e-TA0002-T1059\.004$/);
      assert.deepEqual(complaints, []);
      await page.close();
    },
  );

  await t.step("a filter leaves what has the text, and says how much that is", async () => {
    const { page, complaints } = await browser.open(files.week);
    const cells = page.locator("details.cell");
    const all = await cells.count();
    const visible = page.locator("details.cell:visible");
    await page.getByLabel("Filter").fill("crontab");
    const left = await visible.count();
    assert.ok(left > 0 && left < all / 2, `${left} of ${all}`);
    assert.equal(await page.locator("#found").textContent(), `${left} of ${all} cells`);
    assert.ok((await visible.allTextContents()).some((text) => text.includes("T1053")));
    await page.keyboard.press("Escape");
    assert.equal(await visible.count(), all);
    await page.getByLabel("Confidence", { exact: true }).selectOption("0.9");
    const sure = await visible.locator("summary .best").allTextContents();
    assert.ok(sure.length > 0 && sure.every((text) => Number(text) >= 0.9), sure.join(" "));
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await t.step("an attacker leads to its evidence and nobody else's", async () => {
    const { page } = await browser.open(files.week);
    await page.locator("#attackers tbody a").first().click();
    const address = await page.locator("#attackers tbody a").first().textContent();
    const rows = page.locator(".proof tr[data-confidence]:visible");
    assert.ok(await rows.count() > 0);
    for (const row of await rows.allTextContents()) assert.ok(row.includes(address!), row);
    await page.close();
  });

  await t.step("the theme is the reader's until the button is pressed, and stays", async () => {
    const { page } = await browser.open(files.week, { scheme: "dark" });
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await paper();
    await page.getByRole("button", { name: "Light theme" }).click();
    const light = await paper();
    assert.notEqual(light, dark);
    await page.reload();
    assert.equal(await paper(), light);
    await page.close();
  });

  await t.step("everything can be reached and unfolded by the keyboard", async () => {
    const { page } = await browser.open(files.week);
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the matrix");
    await page.keyboard.press("/");
    assert.equal(await page.evaluate("document.activeElement.id"), "filter");
    const first = page.locator("details.cell > summary").first();
    await first.focus();
    const text = await focused(page);
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await focused(page), text);
    await page.keyboard.press("ArrowLeft");
    assert.equal(await focused(page), text);
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("details.cell").first().getAttribute("open"), "");
    await page.close();
  });

  await t.step(
    "without scripts it is read all the same, and no dead control is shown",
    async () => {
      const { page, complaints } = await browser.open(files.week, { scripts: false });
      assert.equal(await page.locator("#controls").isVisible(), false);
      assert.equal(await page.getByRole("button").count(), 0);
      const cell = page.locator("details.cell", { hasText: "T1059" }).first();
      await cell.locator("summary").click();
      await cell.getByText("Unix Shell").click();
      await page.locator("details.evidence code").first().waitFor({ state: "attached" });
      assert.ok(await page.locator("details.evidence code:visible").count() > 0);
      assert.deepEqual(complaints, []);
      await page.close();
    },
  );

  await t.step("nothing sticks out at any width, nor on paper", async () => {
    for (const width of [320, 360, 768, 1280, 1920]) {
      const { page } = await browser.open(files.week, { width });
      await page.getByRole("button", { name: "Unfold all" }).click();
      const wide = () => page.evaluate("document.documentElement.scrollWidth");
      assert.equal(await wide(), width);
      await page.emulateMedia({ media: "print" });
      if (width === 768) assert.equal(await wide(), width);
      await page.close();
    }
  });

  await t.step("a reader who hears it finds headings, names and tables", async () => {
    const { page } = await browser.open(files.week);
    const nameless = await page.evaluate(`
        [...document.querySelectorAll("a, button, input, select, summary, [role=img], [role=region]")]
          .filter((element) => !(element.textContent.trim() || element.getAttribute("aria-label") ||
            element.labels?.length))
          .map((element) => element.outerHTML)`);
    assert.deepEqual(nameless, []);
    const levels = await page.evaluate(
      `[...document.querySelectorAll("h1, h2, h3, h4")].map(({ tagName }) => Number(tagName[1]))`,
    ) as readonly number[];
    assert.equal(levels[0], 1);
    const leaps = levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1);
    assert.deepEqual(leaps, []);
    const headless = await page.evaluate(
      `[...document.querySelectorAll("table")].filter((table) => !table.querySelector("thead th[scope=col]")).length`,
    );
    assert.equal(headless, 0);
    await page.close();
  });

  await t.step("every text stands out enough from what is behind it, in both themes", async () => {
    for (const scheme of ["light", "dark"] as const) {
      const { page } = await browser.open(files.week, { scheme });
      await page.getByRole("button", { name: "Unfold all" }).click();
      await page.getByLabel("Techniques not seen").check();
      assert.deepEqual(await faintTexts(page), [], scheme);
      await page.close();
    }
  });

  await t.step("what an attacker typed does nothing and is shown as it is", async () => {
    const { page, complaints } = await browser.open(files.hostile);
    await page.getByRole("button", { name: "Unfold all" }).click();
    await page.locator("details.cell > summary").first().hover();
    await page.getByLabel("Filter").fill("<script>");
    await page.getByLabel("Filter").fill("");
    for (const link of await page.locator("#attackers tbody a").all()) {
      await link.click();
      await page.getByLabel("Filter").fill("");
    }
    assert.equal(await page.evaluate("globalThis.owned"), undefined);
    assert.equal(await page.title(), "ATT&CK report: everything");
    assert.equal(await page.evaluate("document.scripts.length"), 1);
    const links = await page.evaluate(
      "[...document.links].map(({ href }) => href).filter((href) => !href.startsWith('file:'))",
    ) as readonly string[];
    for (const link of links) assert.match(link, /^https:\/\/attack\.mitre\.org\//);
    const shown = await page.locator("#evidence").innerText();
    for (const text of HOSTILE_TEXTS) {
      const plain = /^[\x20-\x7e]+$/.test(text) ? text : "\\u202egpj.exe";
      assert.ok(shown.includes(plain), plain);
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });

  await t.step("the policy of the page would stop a script that got through", async () => {
    const path = files.week.replace("week", "breached");
    const page = Deno.readTextFileSync(new URL(files.week));
    const breach =
      "<script>globalThis.owned = 1</script><p onclick='globalThis.owned = 2'>breach</p>";
    Deno.writeTextFileSync(new URL(path), page.replace("<main", () => `${breach}<main`));
    const opened = await browser.open(path);
    await opened.page.getByText("breach").click();
    assert.equal(await opened.page.evaluate("globalThis.owned"), undefined);
    assert.match(opened.complaints.join("\n"), /Content Security Policy/);
    await opened.page.close();
  });
});

function focused(page: { evaluate(expression: string): Promise<unknown> }): Promise<unknown> {
  return page.evaluate("document.activeElement.textContent.trim()");
}
