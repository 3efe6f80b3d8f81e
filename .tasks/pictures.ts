/**
 * `deno task pictures`: the pictures of the README, made of the demo's events as an
 * invented week.
 */
import { join } from "node:path";
import { loadEmbeddedAttack } from "../lib/attack/embedded.ts";
import { run } from "../lib/cli/program.ts";
import { PROGRAM_VERSION } from "../lib/cli/program_version.ts";
import { processTerminal, Terminal } from "../lib/cli/output/terminal.ts";
import { htmlReport } from "../lib/export/report/page.ts";
import { loadPack } from "../lib/rules/pack.ts";
import { Store } from "../lib/store/store.ts";
import { HeadlessBrowser } from "../tests/harness/browser.ts";
import { demoWeek } from "./demo_week.ts";
import { PROJECT } from "./source.ts";
import { terminalSvg } from "./terminal_svg.ts";

const QUERY = ["query", "techniques", "--min-confidence", "0.9"];
const COLUMNS = 128;

const terminal = processTerminal((name) => Deno.env.get(name));
const pictures = join(PROJECT, ".pictures");
await Deno.mkdir(pictures, { recursive: true });
const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-pictures-" });
try {
  const database = join(folder, "week.db");
  demoWeek(database);
  const page = join(folder, "report.html");
  await Deno.writeTextFile(page, report(database));
  await using browser = await HeadlessBrowser.start();
  for (const scheme of ["light", "dark"] as const) {
    const opened = await browser.open(`file://${page}`, { scheme, width: 1280, height: 960 });
    await opened.page.locator("details.cell > summary", { hasText: "Command and Scripting" })
      .click();
    await opened.page.mouse.move(0, 0);
    await opened.page.evaluate("document.activeElement.blur()");
    const path = join(pictures, `report-${scheme}.png`);
    await opened.page.screenshot({ path });
    await opened.page.close();
  }
  const query = join(pictures, "query.svg");
  await Deno.writeTextFile(query, terminalSvg(await queryLines(database), QUERY.join(" ")));
} finally {
  await Deno.remove(folder, { recursive: true });
}
for (const { name } of Deno.readDirSync(pictures)) {
  const { size } = await Deno.stat(join(pictures, name));
  terminal.out(`${name.padEnd(18)} ${Math.ceil(size / 1024)} KiB`);
}
terminal.flush();

function report(database: string): string {
  using store = Store.open(database);
  return htmlReport({
    store,
    attack: loadEmbeddedAttack(),
    rules: loadPack().rules,
    filter: {},
    scope: "everything",
    now: new Date("2026-06-08T08:00:00Z"),
    program: `decnet-ttp ${PROGRAM_VERSION}`,
    examples: 8,
  });
}

/** What somebody sees who types the query. */
async function queryLines(database: string): Promise<readonly string[]> {
  const decoder = new TextDecoder();
  let text = "";
  const sink = {
    writeSync: (bytes: Uint8Array) => {
      text += decoder.decode(bytes, { stream: true });
      return bytes.length;
    },
  };
  const code = await run([...QUERY, "--db", database], {
    terminal: new Terminal({ stdout: sink, stderr: sink, columns: COLUMNS, colour: true }),
    env: () => undefined,
    stdin: () => new Blob([]).stream(),
  });
  if (code !== 0) throw new Error(text);
  return [`\x1b[2m$\x1b[0m decnet-ttp ${QUERY.join(" ")}`, ...text.trimEnd().split("\n")];
}
