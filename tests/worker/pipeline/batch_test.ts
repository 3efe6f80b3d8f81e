import assert from "assert";
import { DatabaseSync } from "sqlite";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
import type { CompositeTagger } from "../../../lib/tagging/composite.ts";
import { packTagger } from "../../tagging/pack_tagger.ts";
import { until } from "../../harness/until.ts";
import { Pipeline } from "./pipeline.ts";
import { session } from "./recorded_message.ts";

/** Where a batch writes, and how writing there is made to fail as a device or another process would. */
const STEPS: readonly {
  readonly what: string;
  readonly fail: (pipeline: Pipeline) => Disposable;
}[] = [
  {
    what: "begin, because another process has locked the file",
    fail: ({ store }) => {
      store.database.run("PRAGMA busy_timeout = 0");
      const other = lockingStore(store.database.file);
      return { [Symbol.dispose]: () => other.unlock() };
    },
  },
  {
    what: "write its first row, because the file cannot be written",
    fail: ({ store }) => {
      store.database.run("PRAGMA query_only = ON");
      return { [Symbol.dispose]: () => store.database.run("PRAGMA query_only = OFF") };
    },
  },
  {
    what: "write a dead letter, because the transaction is gone",
    fail: ({ store }) => trigger(store.database, "dead_letter"),
  },
  {
    what: "commit",
    fail: ({ store }) => {
      let fails = true;
      store.database.join({
        committing: () => {
          if (fails) throw new StoreError("io", "the disk is gone");
        },
      });
      return { [Symbol.dispose]: () => fails = false };
    },
  },
];

/** Holds the write lock of a file. */
function lockingStore(file: string): { unlock: () => void } {
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  return {
    unlock: () => {
      other.exec("ROLLBACK");
      other.close();
    },
  };
}

/** Undoes the whole transaction when a row comes into a table, as SQLite does on a failed device. */
function trigger(database: Pipeline["store"]["database"], table: string): Disposable {
  database.run(
    `CREATE TRIGGER fail_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ROLLBACK, 'gone'); END`,
  );
  return { [Symbol.dispose]: () => database.run(`DROP TRIGGER fail_${table}`) };
}

for (const { what, fail } of STEPS) {
  Deno.test(`a batch that cannot ${what}, writes nothing, acknowledges nothing and is written later`, async () => {
    using pipeline = new Pipeline();
    const other = pipeline.other();
    const failure = fail(pipeline);
    pipeline.push("s1", session("s1", { attacker_ip: "192.0.2.1" }));
    pipeline.push("poison", new TextEncoder().encode("{"));
    pipeline.push("parks", session("parks", { attacker_uuid: null, attacker_ip: "192.0.2.9" }));
    const running = pipeline.loop.run();
    await until("it has failed twice", () => pipeline.counters.total("store_failures") > 1);
    assert.deepEqual(pipeline.journal, []);
    assert.deepEqual([other.tags.count(), other.parked.count(), other.deadLetters.count()], [
      0,
      0,
      0,
    ]);
    assert.equal(pipeline.counters.total("events"), 0);
    assert.equal(pipeline.commits, 0);
    failure[Symbol.dispose]();
    pipeline.loop.stop();
    await pipeline.ended(running);
    assert.deepEqual(pipeline.journal, ["ack s1", "term poison not_json", "ack parks"]);
    assert.deepEqual([other.tags.count(), other.parked.count(), other.deadLetters.count()], [
      1,
      1,
      1,
    ]);
    assert.equal(pipeline.counters.total("events"), 2);
  });
}

Deno.test("what a match suppressed is summed up once its batch is on disk, however often that was tried", async () => {
  const pack = packTagger();
  const tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = {
    claimedKinds: pack.claimedKinds,
    tag: ({ sourceId }) => ({
      tags: [],
      bumps: [],
      suppressed: [{
        tagUuid: sourceId,
        ruleId: "R0019",
        techniqueId: "T1033",
        reason: "below_floor",
      }],
    }),
  };
  using pipeline = new Pipeline({ tagger });
  let fails = 2;
  pipeline.store.database.join({
    committing: () => {
      if (fails-- > 0) throw new StoreError("io", "the disk is gone");
    },
  });
  pipeline.push("s1", session("s1"));
  await pipeline.drain();
  assert.equal(pipeline.counters.total("store_failures"), 2);
  // One of its command, one of the session itself.
  assert.deepEqual(Object.fromEntries(pipeline.suppressions.totals), { R0019: 2 });
  assert.equal(pipeline.counters.byLabel("suppressed").get("below_floor"), 2);
});

Deno.test("a dead letter keeps the first 4 KiB of a message", async () => {
  using pipeline = new Pipeline();
  pipeline.push("poison", new TextEncoder().encode("{".repeat(5000)));
  await pipeline.drain();
  const [letter] = pipeline.store.deadLetters.list(1);
  assert.equal(letter?.excerpt, "{".repeat(4096));
  assert.equal(pipeline.counters.byLabel("dead_lettered").get("attacker.session.ended"), 1);
});

Deno.test("an event that finds the database failing is tried again, and no dead letter", async () => {
  const pack = packTagger();
  let fails = 2;
  using pipeline = new Pipeline({
    tagger: {
      claimedKinds: pack.claimedKinds,
      tag: (event) => {
        if (fails-- > 0) throw new StoreError("io", "the disk is gone");
        return pack.tag(event);
      },
    },
  });
  pipeline.push("s1", session("s1"));
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["ack s1"]);
  assert.equal(pipeline.store.deadLetters.count(), 0);
});
