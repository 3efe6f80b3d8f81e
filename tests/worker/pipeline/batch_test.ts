import assert from "assert";
import { DatabaseSync } from "sqlite";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
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
    await running;
    assert.deepEqual(pipeline.journal, ["ack s1", "term poison not_json", "ack parks"]);
    assert.deepEqual([other.tags.count(), other.parked.count(), other.deadLetters.count()], [
      1,
      1,
      1,
    ]);
    assert.equal(pipeline.counters.total("events"), 2);
  });
}
