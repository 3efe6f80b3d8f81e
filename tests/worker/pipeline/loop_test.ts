import assert from "assert";
import { setImmediate } from "node:timers";
import type { CompositeTagger } from "../../../lib/tagging/composite.ts";
import { packTagger } from "../../tagging/pack_tagger.ts";
import { until } from "../../harness/until.ts";
import { Pipeline } from "./pipeline.ts";
import { session } from "./recorded_message.ts";

/** Makes each write of a store fail, as on a file system that became read-only. */
function failWrites(pipeline: Pipeline): void {
  pipeline.store.database.run("PRAGMA query_only = ON");
}

function allowWrites(pipeline: Pipeline): void {
  pipeline.store.database.run("PRAGMA query_only = OFF");
}

function manyCommands(count: number): object {
  return session("large", { commands: Array.from({ length: count }, () => "uname -a") });
}

Deno.test("a message is acknowledged only once its tags can be read by others", async () => {
  using pipeline = new Pipeline();
  const other = pipeline.other();
  const seen: number[] = [];
  for (const id of ["s1", "s2"]) {
    pipeline.push(id, session(id)).onAck = () => seen.push(other.tags.count());
  }
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["ack s1", "ack s2"]);
  assert.equal(pipeline.store.tags.count(), 2);
  assert.deepEqual(seen, [2, 2]);
});

Deno.test("nothing is acknowledged as long as the database fails, and everything once it works again", async () => {
  using pipeline = new Pipeline();
  failWrites(pipeline);
  pipeline.push("s1", session("s1"));
  const running = pipeline.loop.run();
  await until("a batch has failed", () => pipeline.counters.total("store_failures") > 1);
  assert.deepEqual(pipeline.journal, []);
  assert.equal(pipeline.health.report().state, "degraded");
  allowWrites(pipeline);
  await until("the message is acknowledged", () => pipeline.journal.length > 0);
  assert.deepEqual(pipeline.journal, ["ack s1"]);
  assert.equal(pipeline.store.tags.count(), 1);
  assert.equal(pipeline.health.report().state, "ok");
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.equal(pipeline.counters.total("events"), 1, "what was undone is not counted");
});

Deno.test("a loop that gives up refuses what is not on disk, in hand or waiting, and acknowledges none of it", async () => {
  using pipeline = new Pipeline();
  failWrites(pipeline);
  for (let i = 0; i < 300; i++) pipeline.push(`s${i}`, session(`s${i}`));
  const running = pipeline.loop.run();
  await until("a batch has failed", () => pipeline.counters.total("store_failures") > 0);
  pipeline.loop.stop();
  pipeline.monotonic += 4_999;
  await until("it has tried again", () => pipeline.counters.total("store_failures") > 1);
  assert.deepEqual(pipeline.journal, [], "five seconds are not over");
  pipeline.monotonic += 1;
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, Array.from({ length: 300 }, (_, i) => `nak s${i} 0`));
  assert.equal(pipeline.counters.total("given_up"), 300);
});

Deno.test("a loop that is stopped works until nothing is left", async () => {
  using pipeline = new Pipeline();
  for (let i = 0; i < 600; i++) pipeline.push(`s${i}`, session(`s${i}`));
  pipeline.loop.stop();
  await pipeline.loop.run();
  assert.deepEqual(pipeline.journal, Array.from({ length: 600 }, (_, i) => `ack s${i}`));
  assert.equal(pipeline.store.tags.count(), 600);
});

Deno.test("what is in hand and what waits is kept alive", async () => {
  using pipeline = new Pipeline();
  failWrites(pipeline);
  for (let i = 0; i < 257; i++) pipeline.push(`s${i}`, session(`s${i}`));
  const running = pipeline.loop.run();
  await until("a batch has failed", () => pipeline.counters.total("store_failures") > 0);
  pipeline.loop.keepAlive();
  assert.deepEqual(pipeline.journal, Array.from({ length: 257 }, (_, i) => `working s${i}`));
  allowWrites(pipeline);
  pipeline.loop.stop();
  await pipeline.ended(running);
});

Deno.test("a message that can never be an event is terminated with its reason, and its neighbours are none the worse", async () => {
  using pipeline = new Pipeline();
  pipeline.push("s1", session("s1"));
  pipeline.push("poison", new TextEncoder().encode("{"));
  pipeline.push("s2", session("s2"));
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["ack s1", "term poison not_json", "ack s2"]);
  assert.deepEqual(pipeline.store.deadLetters.list(9).map(({ reason }) => reason), ["not_json"]);
  assert.equal(pipeline.store.tags.count(), 2);
});

Deno.test("an event that makes the tagger fail is undone alone", async () => {
  const pack = packTagger();
  const tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = {
    claimedKinds: pack.claimedKinds,
    tag: (event) => {
      if (event.sessionId === "bad" && event.sourceKind === "command") {
        throw new TypeError("broken");
      }
      return pack.tag(event);
    },
  };
  using pipeline = new Pipeline({ tagger });
  for (const id of ["s1", "bad", "s2"]) {
    pipeline.push(id, session(id, { attacker_ip: `192.0.2.${id.length}` }));
  }
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["ack s1", "term bad TypeError: broken", "ack s2"]);
  assert.equal(pipeline.store.tags.count(), 2);
  const { attackers } = pipeline.store;
  assert.equal(attackers.byIp("192.0.2.2")?.uuid, "a1");
  assert.equal(attackers.byIp("192.0.2.3"), undefined, "what it wrote before it failed is undone");
});

Deno.test("a large event that makes the tagger fail is a dead letter, before any transaction", async () => {
  const pack = packTagger();
  const tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = {
    claimedKinds: pack.claimedKinds,
    tag: (event) => {
      if (event.sourceId === "large#cmd400") throw new RangeError("too deep");
      return pack.tag(event);
    },
  };
  using pipeline = new Pipeline({ tagger });
  pipeline.push("large", manyCommands(500));
  pipeline.push("s1", session("s1"));
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["term large RangeError: too deep", "ack s1"]);
  assert.equal(pipeline.store.tags.count(), 1);
  assert.equal(pipeline.store.deadLetters.count(), 1);
});

Deno.test("the event loop turns between the slices of a large event, with no transaction open, and the order is kept", async () => {
  const pack = packTagger();
  const seen = new Set<number>();
  let turns = 0;
  let isOver = false;
  const tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = {
    claimedKinds: pack.claimedKinds,
    tag: (event) => {
      if (event.sessionId === "large") seen.add(turns);
      return pack.tag(event);
    },
  };
  using pipeline = new Pipeline({ tagger });
  // Each look at the clock takes 4 ms: five parts are one slice.
  pipeline.stepMs = 4;
  pipeline.push("s1", session("s1"));
  pipeline.push("large", manyCommands(500));
  pipeline.push("s2", session("s2"));
  const turn = (): void => {
    if (isOver) return;
    turns++;
    // It would fail inside of a transaction of the loop.
    pipeline.store.database.run("BEGIN IMMEDIATE");
    pipeline.store.database.run("COMMIT");
    setImmediate(turn);
  };
  setImmediate(turn);
  const running = pipeline.loop.run();
  await until("all are acknowledged", () => pipeline.journal.includes("ack s2"));
  isOver = true;
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.ok(seen.size >= 80, `its parts were tagged in ${seen.size} turns of the event loop`);
  assert.ok(pipeline.turns >= 80, `${pipeline.turns} turns of the loop`);
  assert.deepEqual(
    pipeline.journal.filter((line) => line.startsWith("ack")),
    ["ack s1", "ack large", "ack s2"],
  );
  assert.equal(pipeline.store.tags.count(), 502);
});

Deno.test("a large event is kept alive while it is being tagged", async () => {
  const pack = packTagger();
  let parts = 0;
  const tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = {
    claimedKinds: pack.claimedKinds,
    tag: (event) => {
      // A timer would do this between two slices; here it is between two parts.
      if (++parts === 250) pipeline.loop.keepAlive();
      return pack.tag(event);
    },
  };
  using pipeline = new Pipeline({ tagger });
  pipeline.push("large", manyCommands(500));
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["working large", "ack large"]);
});

Deno.test("a large event is tagged once, however often its write fails", async () => {
  const pack = packTagger();
  let asked = 0;
  const tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = {
    claimedKinds: pack.claimedKinds,
    tag: (event) => {
      asked++;
      return pack.tag(event);
    },
  };
  using pipeline = new Pipeline({ tagger });
  failWrites(pipeline);
  pipeline.push("large", manyCommands(300));
  const running = pipeline.loop.run();
  await until("two writes have failed", () => pipeline.counters.total("store_failures") > 1);
  allowWrites(pipeline);
  pipeline.loop.stop();
  await pipeline.ended(running);
  assert.deepEqual(pipeline.journal, ["ack large"]);
  assert.equal(asked, 301);
  assert.equal(pipeline.store.tags.count(), 300);
});

Deno.test("a batch is closed after 20 ms, and the rest of what is in hand goes into the next one", async () => {
  using pipeline = new Pipeline();
  pipeline.stepMs = 6;
  for (let i = 0; i < 12; i++) pipeline.push(`s${i}`, session(`s${i}`));
  await pipeline.drain();
  assert.equal(pipeline.journal.length, 12);
  assert.ok(pipeline.commits >= 3, `${pipeline.commits} batches`);
});

Deno.test("each message is completed before it is processed", async () => {
  using pipeline = new Pipeline({
    complete: (message) => {
      const data = new TextEncoder().encode(JSON.stringify(session("completed")));
      return Promise.resolve({
        subject: message.subject,
        data,
        ack: () => message.ack(),
        nak: (delayMs) => message.nak(delayMs),
        term: (reason) => message.term(reason),
        working: () => message.working(),
      });
    },
  });
  pipeline.push("s1", { payload: {} });
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["ack s1"]);
  assert.equal(pipeline.store.tags.count(), 1);
});
