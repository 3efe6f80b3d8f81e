import assert from "assert";
import type { CompositeTagger } from "../../../lib/tagging/composite.ts";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
import type { TaggerEvent } from "../../../lib/tagging/event.ts";
import { packTagger } from "../../tagging/pack_tagger.ts";
import { until } from "../../harness/until.ts";
import { Pipeline } from "./pipeline.ts";
import { session } from "./recorded_message.ts";

const PACK = packTagger();

/** The pack's tagger, with somebody who looks on. */
function watched(
  look: (event: TaggerEvent) => void,
): Pick<CompositeTagger, "tag" | "claimedKinds"> {
  return {
    claimedKinds: PACK.claimedKinds,
    tag: (event) => {
      look(event);
      return PACK.tag(event);
    },
  };
}

/** Leaves behind what a process does that ended while it processed a message. */
function endDuring(pipeline: Pipeline, key: string, times: number): void {
  for (let i = 0; i < times; i++) {
    pipeline.store.deliveryAttempts.begin(key, new Date(pipeline.now));
  }
}

Deno.test("a message that was delivered before is a batch of its own, begun on disk before and ended with its rows", async () => {
  const begun: (readonly [string | undefined, number])[] = [];
  const other: { count?: (key: string) => number } = {};
  using pipeline = new Pipeline({
    tagger: watched((event) => {
      if (event.sourceKind === "session") {
        begun.push([event.sessionId, other.count!("STREAM.again")]);
      }
    }),
  });
  const { deliveryAttempts } = pipeline.other();
  other.count = (key) => deliveryAttempts.count(key);
  pipeline.push("s1", session("s1"));
  pipeline.redeliver("again", session("again"));
  pipeline.push("s2", session("s2"));
  await pipeline.drain();
  assert.deepEqual(begun, [["s1", 0], ["again", 1], ["s2", 0]]);
  assert.deepEqual(pipeline.journal, ["ack s1", "ack again", "ack s2"]);
  assert.equal(pipeline.commits, 3);
  assert.equal(pipeline.store.deliveryAttempts.count("STREAM.again"), 0);
});

Deno.test("a message that ended the process three times is set aside whole and not looked into, and its neighbours lose nothing", async () => {
  const tagged: (string | undefined)[] = [];
  using pipeline = new Pipeline({ tagger: watched(({ sessionId }) => tagged.push(sessionId)) });
  endDuring(pipeline, "STREAM.deadly", 3);
  pipeline.push("s1", session("s1"));
  const deadly = pipeline.redeliver("deadly", session("deadly", { more: "x".repeat(9000) }), 9);
  pipeline.push("s2", session("s2"));
  await pipeline.drain();
  const reason = "it has ended or blocked the worker in each of 3 attempts";
  assert.deepEqual(pipeline.journal, ["ack s1", `term deadly ${reason}`, "ack s2"]);
  assert.ok(!tagged.includes("deadly"));
  const [letter] = pipeline.store.deadLetters.list(9);
  assert.equal(letter?.reason, reason);
  assert.deepEqual(pipeline.store.deadLetterFiles.read(letter!.file!), deadly.data);
  assert.equal(pipeline.counters.total("set_aside"), 1);
});

Deno.test("a message that is set aside and comes again, because the server did not hear of it, is one dead letter", async () => {
  using pipeline = new Pipeline();
  endDuring(pipeline, "STREAM.deadly", 3);
  pipeline.redeliver("deadly", session("deadly"), 5);
  pipeline.redeliver("deadly", session("deadly"), 6);
  await pipeline.drain();
  assert.equal(pipeline.journal.filter((line) => line.startsWith("term deadly")).length, 2);
  assert.equal(pipeline.store.deadLetters.count(), 1);
});

Deno.test("a message that ended the process twice is tried once more", async () => {
  using pipeline = new Pipeline();
  endDuring(pipeline, "STREAM.s1", 2);
  pipeline.redeliver("s1", session("s1"), 4);
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["ack s1"]);
  assert.equal(pipeline.store.tags.count(), 1);
});

Deno.test("neither a refusal nor a database that fails counts as an attempt", async () => {
  using pipeline = new Pipeline({
    // Its beginning can be written, and its end cannot.
    tagger: watched(() => pipeline.store.database.run("PRAGMA query_only = ON")),
  });
  pipeline.redeliver("s1", session("s1"));
  const running = pipeline.loop.run();
  await until("it has failed twice", () => pipeline.counters.total("store_failures") > 1);
  assert.equal(pipeline.store.deliveryAttempts.count("STREAM.s1"), 1, "begun once");
  pipeline.store.database.run("PRAGMA query_only = OFF");
  pipeline.store.database.run(
    "CREATE TRIGGER no_end BEFORE DELETE ON delivery_attempt BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
  );
  pipeline.loop.stop();
  pipeline.monotonic += 5_000;
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, ["nak s1 0"]);
  assert.equal(pipeline.store.deliveryAttempts.count("STREAM.s1"), 0);
});

Deno.test("a message that gives no tags is begun once too, however often its write fails", async () => {
  using pipeline = new Pipeline();
  const { database, deliveryAttempts, parked } = pipeline.store;
  let fails = true;
  database.join({
    committing: () => {
      if (fails && parked.count() > 0) throw new StoreError("full", "no room is left");
    },
  });
  pipeline.redeliver("s1", session("s1", { attacker_uuid: null, attacker_ip: "192.0.2.1" }));
  const running = pipeline.loop.run();
  await until("it has failed twice", () => pipeline.counters.total("store_failures") > 1);
  assert.equal(deliveryAttempts.count("STREAM.s1"), 1);
  fails = false;
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, ["ack s1"]);
  assert.equal(deliveryAttempts.count("STREAM.s1"), 0);
});

Deno.test("as long as the beginning cannot be written down, the message is not processed", async () => {
  let asked = 0;
  using pipeline = new Pipeline({ tagger: watched(() => asked++) });
  pipeline.store.database.run("PRAGMA query_only = ON");
  pipeline.redeliver("s1", session("s1"));
  const running = pipeline.loop.run();
  await until("it has failed", () => pipeline.counters.total("store_failures") > 0);
  assert.equal(asked, 0);
  pipeline.store.database.run("PRAGMA query_only = OFF");
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, ["ack s1"]);
});

Deno.test("a message that cannot be set aside stays in hand until it can", async () => {
  using pipeline = new Pipeline();
  endDuring(pipeline, "STREAM.deadly", 3);
  const { directory } = pipeline.store.deadLetterFiles;
  // A file in the place of the folder.
  Deno.writeTextFileSync(directory, "");
  pipeline.redeliver("deadly", session("deadly"), 5);
  const running = pipeline.loop.run();
  await until("it has failed", () => pipeline.counters.total("store_failures") > 0);
  assert.deepEqual(pipeline.journal, []);
  assert.match(pipeline.health.report().reason ?? "", /dead letters in .* cannot be written/);
  Deno.removeSync(directory);
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.equal(pipeline.journal.length, 1);
  assert.equal(pipeline.store.deadLetters.count(), 1);
});

Deno.test("a loop that gives up while the database fails refuses what was begun", async () => {
  using pipeline = new Pipeline({
    tagger: watched(() => pipeline.store.database.run("PRAGMA query_only = ON")),
  });
  pipeline.redeliver("s1", session("s1"));
  const running = pipeline.loop.run();
  await until("it has failed", () => pipeline.counters.total("store_failures") > 0);
  pipeline.loop.stop();
  pipeline.monotonic += 5_000;
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, ["nak s1 0"]);
});
