import assert from "assert";
import { DatabaseSync } from "sqlite";
import type { StoreError } from "../../../lib/store/sqlite/errors.ts";
import { busiest } from "../../../lib/store/queries/busiest.ts";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import type { Store } from "../../../lib/store/store.ts";
import type { StoredTag } from "../../../lib/store/tags/tag_row.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { after, identityTag, NOW, olderFile, Scratch, settle, tag } from "../scratch.ts";

/** Tags as they come: sessions of several, of several attackers, some written at once, some apart. */
function written(): readonly { readonly tag: Tag; readonly at: Date }[] {
  const of = (session: string, part: string, parts: Partial<Tag> = {}) =>
    tag({ sourceId: `${session}${part}`, sessionId: session, deckyId: "d1", ...parts });
  const rows: readonly [Tag, number][] = [
    [of("s1", ""), 0],
    [of("s1", "#cmd0", { subTechniqueId: "T1083.001" }), 0],
    [of("s1", "#cmd0", { ruleId: "R0002", techniqueId: "T1105", evidence: { a: "#☃" } }), 0],
    [of("s2", "#cmd0", { attackerUuid: "a2" }), 0],
    [of("s1", "#cmd1"), 61],
    [identityTag("i1", { sourceId: "i1", sourceKind: "identity" }), 62],
    [of("s3", "#a#b", { attackerUuid: "a2", identityUuid: "i1", confidence: 1 }), 63],
    [of("s3", "", { attackerUuid: "a2", deckyId: "d2", ruleVersion: 2 }), 63],
  ];
  return rows.map(([tag, minutes]) => ({ tag, at: after(minutes) }));
}

function insertOld(file: DatabaseSync, tag: Tag, at: Date): void {
  file.prepare("INSERT INTO ttp_tag VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)").run(
    ...[tag.uuid, tag.sourceKind, tag.sourceId, tag.attackerUuid ?? null],
    ...[tag.identityUuid ?? null, tag.sessionId ?? null, tag.deckyId ?? null, tag.tactic],
    ...[tag.techniqueId, tag.subTechniqueId ?? null, tag.confidence, tag.ruleId, tag.ruleVersion],
    ...[JSON.stringify(tag.evidence), tag.attackRelease, tag.mitreUrl, at.toISOString()],
  );
}

const stored = ({ tag, at }: { readonly tag: Tag; readonly at: Date }): StoredTag => ({
  ...tag,
  createdAt: at.toISOString(),
});

Deno.test("a file with the one wide table of version 2 keeps every tag, and knows them all again", () => {
  using scratch = new Scratch();
  const rows = written();
  const old = olderFile(scratch.file, 2);
  for (const { tag, at } of rows) insertOld(old, tag, at);
  insertOld(old, tag({ uuid: "00000000-0000-4000-8000-000000000000" }), NOW);
  // Retention and forgetting have left gaps.
  old.exec("DELETE FROM ttp_tag WHERE rowid IN (1, 3, 9)");
  old.prepare("INSERT INTO tag_bump VALUES (?, 'R0058')").run(rows[3]!.tag.uuid);
  old.exec(
    "INSERT INTO outbox (id, subject, payload, created_at, next_at) VALUES ('a', 's', '{}', '1', '1'), ('b', 's', '{}', '2', '2')",
  );
  old.exec("DELETE FROM outbox WHERE id = 'b'");
  old.close();
  const kept = rows.filter((_, index) => index !== 0 && index !== 2);

  const store = scratch.open();
  assert.deepEqual([...listTags(store)], kept.map(stored));
  for (const row of kept) assert.deepEqual(store.tags.get(row.tag.uuid), stored(row));
  assert.deepEqual(store.tags.insert(rows.map(({ tag }) => tag), after(99)), [
    rows[0]!.tag,
    rows[2]!.tag,
  ]);
  assert.deepEqual(
    busiest(store, "session").map(({ id, tags }) => [id, tags]),
    [["s1", 4], ["s3", 2], ["s2", 1]],
  );
  const bump = { ruleId: "R0058", attackerUuid: "a2", by: 0.05, ceiling: 0.95 };
  assert.equal(
    store.tags.bump(bump),
    1,
    "s2's was raised before, one of s3's is above the ceiling",
  );
  store.outbox.add([{ id: "c", subject: "s", payload: "{}" }], NOW);
  assert.deepEqual(store.outbox.oldest(9).map(({ seq, id }) => `${seq}${id}`), ["1a", "3c"]);
  assert.equal(store.database.scalar("PRAGMA integrity_check"), "ok");
});

Deno.test("an upgrade for which the disk has no room leaves the old file, and is done when there is room", () => {
  using scratch = new Scratch();
  const old = olderFile(scratch.file, 2);
  old.exec("BEGIN");
  for (let number = 0; number < 2000; number++) {
    insertOld(old, tag({ sourceId: `s${number >> 2}#cmd${number & 3}` }), after(number >> 3));
  }
  old.exec("COMMIT");
  const all = "SELECT * FROM ttp_tag ORDER BY uuid";
  const before = old.prepare(all).all();
  const pages = Number(old.prepare("PRAGMA page_count").get()?.["page_count"]);
  old.close();
  for (const room of [1, 10, 25]) {
    assert.throws(
      () => scratch.open({ maxPages: pages + room }),
      (error: StoreError) => error.code === "full" && error.transient,
    );
    const again = new DatabaseSync(scratch.file);
    assert.deepEqual(again.prepare(all).all(), before);
    again.close();
  }
  const store = scratch.open();
  assert.deepEqual(store.database.prepare(all).all(), before);
  assert.equal(store.database.scalar("SELECT names FROM tag_settled"), 2000);
});

Deno.test("an old source id with a NUL is kept whole, so that its tags are known again", () => {
  using scratch = new Scratch();
  const old = olderFile(scratch.file, 2);
  const tags = ["n\0x#c", "n\0", "☃\0é#\0", "ü#é"].map((sourceId) => tag({ sourceId }));
  for (const one of tags) insertOld(old, one, NOW);
  const ids = "SELECT hex(source_id) AS id FROM ttp_tag ORDER BY uuid";
  const before = old.prepare(ids).all();
  old.close();
  const store = scratch.open();
  assert.deepEqual(store.database.prepare(ids).all(), before);
  assert.deepEqual(store.tags.insert(tags, after(1)), []);
});

/** Makes of a file what the program with version 3 has made: one kind of name for a session, no sums. */
function toVersion3(path: string): void {
  const file = new DatabaseSync(path);
  file.exec(`ALTER TABLE tag_origin DROP COLUMN is_again; DROP TABLE decky_sum;
    UPDATE tag_name SET kind = 5 WHERE kind = 8; PRAGMA user_version = 3`);
  file.close();
}

for (const version of [2, 3]) {
  Deno.test(`a file of version ${version} ends up as if it had been written by this program`, () => {
    using scratch = new Scratch();
    const [before, after] = [`${scratch.directory}/old.db`, `${scratch.directory}/new.db`];
    const old = olderFile(before, 2);
    const all = written();
    for (const { tag, at } of all) insertOld(old, tag, at);
    old.close();
    const fresh = scratch.open({}, after);
    for (const [at, some] of Map.groupBy(all, ({ at }) => at.getTime())) {
      fresh.tags.insert(some.map(({ tag }) => tag), new Date(at));
    }
    settle(fresh);
    if (version === 3) {
      scratch.open({}, before).close();
      toVersion3(before);
    }
    const upgraded = scratch.open({}, before);
    const schema = (store: Store) =>
      store.database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2").all();
    assert.deepEqual(schema(upgraded), schema(fresh));
    const rows = (store: Store, table: string) =>
      store.database.prepare(`SELECT * FROM ${table}`).all();
    for (
      const table of ["tag", "tag_origin", "tag_name", "tag_of_label", "decky_sum", "tag_settled"]
    ) {
      assert.deepEqual(rows(upgraded, table), rows(fresh, table), table);
    }
  });
}

Deno.test("an upgrade that cannot be finished leaves the old file, and is done the next time", () => {
  using scratch = new Scratch();
  const old = olderFile(scratch.file, 2);
  for (const { tag, at } of written()) insertOld(old, tag, at);
  old.exec("CREATE TABLE tag_digest (in_the_way)");
  old.close();
  assert.throws(() => scratch.open());
  const again = new DatabaseSync(scratch.file);
  assert.equal(again.prepare("SELECT count(*) AS n FROM ttp_tag").get()?.["n"], written().length);
  assert.equal(again.prepare("PRAGMA user_version").get()?.["user_version"], 2);
  again.exec("DROP TABLE tag_digest");
  again.close();
  assert.equal([...listTags(scratch.open())].length, written().length);
});
