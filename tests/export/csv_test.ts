import assert from "assert";
import fc from "fast-check";
import { CSV_COLUMNS } from "../../lib/export/csv.ts";
import { Store } from "../../lib/store/store.ts";
import { csvLine } from "../../lib/text/csv.ts";
import { HIDDEN_REGEXP, hostileText } from "../text/hostile_characters.ts";
import { directoryWith, runCaptured } from "../cli/captured_run.ts";
import { exported, exportTag, HOSTILE, variousTags } from "./exported.ts";

/** Reads RFC 4180, to be sure that others can. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const [, raw, end] = cell.exec(text) ?? assert.fail(`at ${cell.lastIndex}`);
    row.push(raw!.startsWith('"') ? raw!.slice(1, -1).replaceAll('""', '"') : raw!);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

Deno.test("a table has a line for each tag and a cell for each column", async () => {
  const tags = variousTags();
  const [head, ...rows] = readCsv(await exported(tags, "csv"));
  assert.deepEqual(head, [...CSV_COLUMNS]);
  assert.deepEqual(rows.map((row) => row.length), tags.map(() => CSV_COLUMNS.length));
  assert.deepEqual(rows.map((row) => row[0]), tags.map(({ uuid }) => uuid));
  const first = Object.fromEntries(CSV_COLUMNS.map((column, index) => [column, rows[0]![index]]));
  assert.equal(first["technique_name"], "Abuse Elevation Control Mechanism: Setuid and Setgid");
  assert.equal(first["tactic_name"], "Privilege Escalation");
  assert.equal(first["attacker_ip"], "192.0.2.10");
  const shown = HOSTILE.replace("\r\n\x1b", "\\u000d\\u000a\\u001b").replace("\u202e", "\\u202e");
  assert.ok(first["source_id"]?.startsWith(`'${shown}#`));
  assert.deepEqual(JSON.parse(first["evidence"]!), { matched: HOSTILE });
});

Deno.test("no cell can be a formula, whatever an attacker wrote, and harmless texts come back", () => {
  const anyText = fc.oneof(
    hostileText,
    fc.tuple(
      fc.constantFrom("", " ", "\t", "\ufeff", "\r\n", "x;", '"; "'),
      fc.constantFrom(..."=+-@|%＝＋－＠"),
      fc.string(),
    )
      .map((parts) => parts.join("")),
  );
  fc.assert(fc.property(fc.array(anyText, { minLength: 1 }), (texts) => {
    const [row, ...more] = readCsv(`${csvLine(texts)}\r\n`);
    assert.equal(more.length, 0);
    assert.equal(row!.length, texts.length);
    for (const [index, cell] of row!.entries()) {
      const text = texts[index]!;
      const said = cell.replace(/^'(?=\s*[=+\-@|%＝＋－＠｜％])/, "").replaceAll("\\u003b", ";");
      if (!HIDDEN_REGEXP.test(text)) assert.equal(said, text.replaceAll("\\u003b", ";"));
      assert.doesNotMatch(cell, HIDDEN_REGEXP);
      assert.doesNotMatch(cell, /^\s*[=+\-@|%＝＋－＠]/);
    }
  }));
});

Deno.test("one attacker, session, confidence or time at a time", async () => {
  const tags = [
    exportTag(),
    exportTag({ attackerUuid: "a2", sessionId: "s2", confidence: 0.5 }),
  ];
  const rowsOf = async (...args: readonly string[]): Promise<number> =>
    readCsv(await exported(tags, "csv", ...args)).length - 1;
  assert.equal(await rowsOf(), 2);
  assert.equal(await rowsOf("--attacker", "192.0.2.10"), 1);
  assert.equal(await rowsOf("--session", "s2"), 1);
  assert.equal(await rowsOf("--min-confidence", "0.6"), 1);
  assert.equal(await rowsOf("--until", "2026-05-02T01:00:00.500Z"), 1);
  assert.equal(await rowsOf("--identity", "nobody"), 0);
});

Deno.test("no cell begins with a formula either where cells end at a semicolon, and evidence stays what it is", async () => {
  const text = `x;=cmd|' /C calc'!A0; "+1;b`;
  const table = await exported([exportTag({ sourceId: text, evidence: { matched: text } })], "csv");
  for (const cell of table.split(";")) assert.doesNotMatch(cell, /^[\s"]*[=+\-@|%]/);
  const [head, row] = readCsv(table);
  assert.deepEqual(JSON.parse(row![head!.indexOf("evidence")]!), { matched: text });
  assert.match(csvLine(["a;b"]), /^"a;b"$/, "else some take it for two cells");
});

Deno.test("an export that fails leaves the file of the last one, and nothing beside it", async () => {
  using files = directoryWith({ "out.csv": "of yesterday" });
  const db = `${files.path}/t.db`;
  {
    using store = Store.open(db);
    store.tags.insert([exportTag(), exportTag()], new Date("2026-05-02T01:00:00Z"));
    store.database.run("PRAGMA foreign_keys = OFF");
    store.database.run("DROP TABLE attacker");
  }
  const args = ["export", "csv", "--db", db, "-o", `${files.path}/out.csv`];
  assert.equal((await runCaptured(args)).code, 4);
  assert.equal(Deno.readTextFileSync(`${files.path}/out.csv`), "of yesterday");
  const names = Array.from(Deno.readDirSync(files.path), ({ name }) => name);
  assert.deepEqual(names.filter((name) => name.endsWith(".tmp")), []);
});

Deno.test("an export goes where a link leads, and keeps whom the file is for", async () => {
  using files = directoryWith({ "real.csv": "of yesterday" });
  const [db, link, real] = ["t.db", "out.csv", "real.csv"].map((name) => `${files.path}/${name}`);
  Store.open(db!).close();
  Deno.chmodSync(real!, 0o640);
  Deno.symlinkSync(real!, link!);
  assert.equal((await runCaptured(["export", "csv", "--db", db!, "-o", link!])).code, 0);
  assert.match(Deno.readTextFileSync(real!), /^uuid,/);
  assert.equal(Deno.statSync(real!).mode! & 0o777, 0o640);
  assert.ok(Deno.lstatSync(link!).isSymlink);
});
