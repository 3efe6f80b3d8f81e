import assert from "assert";
import { DatabaseSync } from "sqlite";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
import { until } from "../../harness/until.ts";
import { Pipeline } from "./pipeline.ts";
import { session } from "./recorded_message.ts";

/** A loop that does not end by itself fails the test after this long, in milliseconds. */
const END_MS = 5_000;

/** Waits until as many tries as are said have found the lock held, from now on. */
async function busyTries(pipeline: Pipeline, tries: number): Promise<void> {
  const before = pipeline.counters.total("database_busy");
  await until(
    `${tries} tries have found the lock`,
    () => pipeline.counters.total("database_busy") >= before + tries,
  );
}

Deno.test("no event is taken as long as none is admitted, and each one once they are", async () => {
  let isFull = true;
  using pipeline = new Pipeline({
    admit: () => {
      if (isFull) throw new StoreError("full", "the disk is nearly full");
    },
  });
  pipeline.push("s1", session("s1"));
  const running = pipeline.loop.run();
  await until(
    "a turn has come or gone",
    () => pipeline.counters.total("store_failures") > 1 || pipeline.journal.length > 0,
  );
  assert.deepEqual(pipeline.journal, []);
  assert.equal(pipeline.store.tags.count(), 0);
  assert.match(pipeline.health.report().reason ?? "", /the disk is nearly full/);
  isFull = false;
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, ["ack s1"]);
});

Deno.test("a lock of another process is a fault once it is held for five seconds, and each lock anew", async () => {
  using pipeline = new Pipeline();
  const { store, health } = pipeline;
  store.waitForLock(0);
  const other = new DatabaseSync(store.database.file);
  other.exec("BEGIN IMMEDIATE");
  pipeline.push("s1", session("s1"));
  const running = pipeline.loop.run();
  await busyTries(pipeline, 2);
  pipeline.monotonic += 4_999;
  await busyTries(pipeline, 2);
  assert.equal(health.report().state, "ok");
  pipeline.monotonic += 1;
  await until("it is a fault", () => health.report().state === "degraded", END_MS);
  other.exec("ROLLBACK");
  await until("the message is acknowledged", () => pipeline.journal.length > 0);
  assert.equal(health.report().state, "ok");
  other.exec("BEGIN IMMEDIATE");
  pipeline.push("s2", session("s2"));
  await busyTries(pipeline, 2);
  assert.equal(health.report().state, "ok");
  other.exec("ROLLBACK");
  other.close();
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, ["ack s1", "ack s2"]);
});

Deno.test("the loop shows that it is alive while the database fails", async () => {
  using pipeline = new Pipeline();
  pipeline.store.database.run("PRAGMA query_only = ON");
  pipeline.push("s1", session("s1"));
  const running = pipeline.loop.run();
  await until("it has failed three times", () => pipeline.counters.total("store_failures") > 2);
  assert.ok(pipeline.turns > 2, `${pipeline.turns} turns`);
  pipeline.store.database.run("PRAGMA query_only = OFF");
  pipeline.loop.stop();
  await pipeline.ended(running);
});
