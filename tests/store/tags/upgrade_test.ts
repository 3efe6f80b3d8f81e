import assert from "assert";
import { DatabaseSync } from "sqlite";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import { topByCount } from "../../../lib/store/queries/top_by_count.ts";
import type { StoreError } from "../../../lib/store/sqlite/errors.ts";
import type { Store } from "../../../lib/store/store.ts";
import { attackerUuid } from "../../../lib/tagging/identity.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { OlderFile } from "../older_file.ts";
import { after, identityTag, NOW, Scratch, tag } from "../scratch.ts";
import { assertConsistent } from "./consistency.ts";

const VERSIONS = [1, 2, 3, 4];

const MINTED = attackerUuid("192.0.2.9");

/** Tags as they come: sessions of several, of several attackers, some written at once, some apart. */
function written(): readonly { readonly tag: Tag; readonly at: Date }[] {
  const of = (session: string, part: string, parts: Partial<Tag> = {}) =>
    tag({ sourceId: `${session}${part}`, sessionId: session, deckyId: "d1", ...parts });
  const rows: readonly [Tag, number][] = [
    [of("s1", ""), 0],
    [of("s1", "#cmd0", { subTechniqueId: "T1083.001" }), 0],
    [of("s1", "#cmd0", { ruleId: "R0002", techniqueId: "T1105", evidence: { a: "#☃" } }), 0],
    [of("s2", "#cmd0", { attackerUuid: "a2", deckyId: "decky-4d73p" }), 0],
    [of("s1", "#cmd1", { deckyId: "decky-bri98" }), 61],
    [identityTag("i1", { sourceId: "i1", sourceKind: "identity" }), 62],
    [of("s3", "#a#b", { attackerUuid: MINTED, confidence: 1 }), 63],
    [of("s3", "", { attackerUuid: MINTED, deckyId: "d2", ruleVersion: 2 }), 63],
  ];
  return rows.map(([tag, minutes]) => ({ tag, at: after(minutes) }));
}

/** Makes a file of a version with these tags, and what else an upgrade must keep. */
function makeOlder(path: string, version: number, rows = written()): void {
  using old = new OlderFile(path, version);
  old.database.exec("BEGIN");
  for (const { tag, at } of rows) old.insert(tag, at);
  old.noteBump(rows[3]!.tag, "R0058");
  old.database.exec(
    `INSERT INTO attacker VALUES ('a2', '192.0.2.2', 'i1', '2026-01-01', '2026-01-02'),
      ('${MINTED}', '192.0.2.9', NULL, '2026-01-03', '2026-01-03'), ('a3', NULL, 'i1', NULL, NULL);
    INSERT INTO meta VALUES ('import:x', '{}')`,
  );
  if (version <= 2) {
    old.database.exec(
      `INSERT INTO outbox (id, subject, payload, created_at, next_at)
        VALUES ('a', 's', '{}', '1', '1'), ('b', 's', '{}', '2', '2');
      DELETE FROM outbox WHERE id = 'b'`,
    );
  }
  old.database.exec("COMMIT");
}

for (const version of VERSIONS) {
  Deno.test(`a file of version ${version} keeps every tag, and knows them all again`, () => {
    using scratch = new Scratch();
    const rows = written();
    makeOlder(scratch.file, version, rows);
    const shares: number[] = [];
    const store = scratch.open({ onUpgrade: (share) => shares.push(share) });
    assert.deepEqual(
      [...listTags(store)].toSorted(byUuid),
      rows.map(({ tag, at }) => ({
        ...tag,
        ...(tag.attackerUuid === "a2" && { attackerIp: "192.0.2.2", identityUuid: "i1" }),
        ...(tag.attackerUuid === MINTED && { attackerIp: "192.0.2.9" }),
        observedAt: at.toISOString(),
        createdAt: at.toISOString(),
      })).toSorted(byUuid),
    );
    assertConsistent(store);
    assert.equal(shares.at(-1), 1);
    assert.deepEqual(store.tags.insert(rows.map(({ tag }) => tag), after(99)), []);
    assert.equal(store.tags.get(rows[2]!.tag.uuid)?.evidence["a"], "#☃");
    assert.deepEqual(
      topByCount(store, "session").rows.map(({ id, tags }) => [id, tags]),
      [["s1", 4], ["s3", 2], ["s2", 1]],
    );
    assert.deepEqual(
      topByCount(store, "decky").rows.map(({ id, tags }) => [id, tags]),
      [["d1", 4], ["decky-4d73p", 1], ["decky-bri98", 1], ["d2", 1]],
    );
    const bump = { ruleId: "R0058", attackerUuid: "a2", by: 0.05, ceiling: 0.95 };
    assert.equal(store.tags.bump(bump), 0, "it was raised before");
    assert.deepEqual(store.attackers.byIp("192.0.2.2"), {
      uuid: "a2",
      ip: "192.0.2.2",
      identityUuid: "i1",
      firstSeen: "2026-01-01",
      lastSeen: "2026-01-02",
    });
    const adoption = { uuid: "central", ip: "192.0.2.9", at: after(100) };
    assert.equal(store.attackers.learn(adoption).adopted, MINTED);
    assert.equal(store.database.scalar("SELECT value FROM meta WHERE key = 'import:x'"), "{}");
    if (version <= 2) {
      store.outbox.add([{ id: "c", subject: "s", payload: "{}" }], NOW);
      assert.deepEqual(store.outbox.oldest(9).map(({ seq, id }) => `${seq}${id}`), ["1a", "3c"]);
    }
  });

  Deno.test(`a file of version ${version} that is upgraded has the schema of a new one`, () => {
    using scratch = new Scratch();
    makeOlder(scratch.file, version);
    const fresh = `${scratch.directory}/new.db`;
    const schema = (store: Store) =>
      store.database.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2",
      ).all<{ sql: string }>().map((row) => ({ ...row, sql: row.sql.replace(/["\s]+/g, " ") }));
    assert.deepEqual(schema(scratch.open()), schema(scratch.open({}, fresh)));
  });

  Deno.test(`an upgrade from version ${version} that is killed again and again ends as one that is not`, async () => {
    using scratch = new Scratch();
    const rows = Array.from({ length: 16_000 }, (_, number) => {
      const [session, part] = [`s${number >> 3}`, `#cmd${number & 3}`];
      const parts = { attackerUuid: `a${number % 91}`, deckyId: `d${number % 5}` };
      const rule = `R${1000 + number % 60}`;
      return {
        tag: tag({ sourceId: session + part, sessionId: session, ruleId: rule, ...parts }),
        at: after(number >> 4),
      };
    });
    makeOlder(scratch.file, version, rows);
    const whole = `${scratch.directory}/whole.db`;
    Deno.copyFileSync(scratch.file, whole);
    const expected = contents(scratch.open({}, whole));
    let kills = 0;
    for (let delay = 0; versionOf(scratch.file) < 5 && kills < 40; delay += 80) {
      const child = spawnUpgrade(scratch.file);
      await said(child, "upgrading");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40 + delay));
      kills += await killed(child) ? 1 : 0;
    }
    assert.ok(kills > 1, "it was killed before its end");
    assert.deepEqual(contents(scratch.open()), expected);
  });
}

/** Everything that an upgrade writes. */
function contents(store: Store): unknown {
  assertConsistent(store);
  const tables = store.database.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
      AND name <> 'tag_uuid_index' ORDER BY 1`,
  ).all<{ name: string }>();
  return tables.map(({ name }) => [
    name,
    store.database.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all(),
  ]);
}

function versionOf(path: string): number {
  const file = new DatabaseSync(path);
  const version = Number(file.prepare("PRAGMA user_version").get()?.["user_version"]);
  file.close();
  return version;
}

function spawnUpgrade(file: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.resolve("../fixture_process.ts"), file, "upgrade"],
    stdin: "null",
    stdout: "piped",
  }).spawn();
}

/** Kills a process; says whether it had not ended by itself before. */
async function killed(child: Deno.ChildProcess): Promise<boolean> {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return (await child.status).signal === "SIGKILL";
}

/** Waits until a process has said something. */
async function said(child: Deno.ChildProcess, what: string): Promise<void> {
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    if ((text += piece).includes(what)) return;
  }
}

Deno.test("an upgrade for which there is no room is refused before anything is changed", () => {
  using scratch = new Scratch();
  makeOlder(scratch.file, 2);
  const file = new DatabaseSync(scratch.file);
  const pages = Number(file.prepare("PRAGMA page_count").get()?.["page_count"]);
  file.close();
  const before = Deno.readFileSync(scratch.file);
  assert.throws(
    () => scratch.open({ maxPages: pages + 10 }),
    (error: StoreError) =>
      error.code === "full" && /needs \d+ MiB where \d+ MiB/.test(error.message),
  );
  assert.equal(versionOf(scratch.file), 2);
  assert.deepEqual(Deno.readFileSync(scratch.file), before);
  assert.equal([...listTags(scratch.open())].length, written().length);
});

Deno.test("a file that is half upgraded is not read, and is finished by whoever writes next", () => {
  using scratch = new Scratch();
  makeOlder(scratch.file, 4);
  class Stop extends Error {}
  assert.throws(() =>
    scratch.open({
      onUpgrade: () => {
        throw new Stop();
      },
    }), Stop);
  assert.throws(
    () => scratch.open({ access: "read_only" }),
    (error: StoreError) => error.code === "older_schema",
  );
  assert.equal(scratch.open().tags.count(), written().length);
});

Deno.test("an old source id with a NUL is kept whole, so that its tags are known again", () => {
  for (const version of [2, 4]) {
    using scratch = new Scratch();
    const tags = ["n\0x#c", "n\0", "☃\0é#\0", "ü#é"].map((sourceId) => tag({ sourceId }));
    {
      using old = new OlderFile(scratch.file, version);
      for (const one of tags) old.insert(one, NOW);
    }
    const store = scratch.open();
    assert.equal(store.tags.count(), 4);
    assert.deepEqual(store.tags.insert(tags, after(1)), []);
  }
});

Deno.test("an empty file of each older version becomes one of this program", () => {
  for (const version of VERSIONS) {
    using scratch = new Scratch();
    new OlderFile(scratch.file, version)[Symbol.dispose]();
    const store = scratch.open();
    assert.equal(store.tags.count(), 0);
    const one = tag();
    assert.deepEqual(store.tags.insert([one], NOW), [one]);
    assertConsistent(store);
  }
});

function byUuid(a: { readonly uuid: string }, b: { readonly uuid: string }): number {
  return a.uuid < b.uuid ? -1 : 1;
}
