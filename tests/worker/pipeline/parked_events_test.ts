import assert from "assert";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
import type { CompositeTagger } from "../../../lib/tagging/composite.ts";
import { keyOf } from "../../../lib/worker/pipeline/parked_events.ts";
import { packTagger } from "../../tagging/pack_tagger.ts";
import { until } from "../../harness/until.ts";
import { Pipeline } from "./pipeline.ts";
import { session } from "./recorded_message.ts";

const IP = "192.0.2.7";

/** A session of an address alone. */
function unknown(id: string, more: Readonly<Record<string, unknown>> = {}): object {
  return session(id, { attacker_uuid: null, attacker_ip: IP, ...more });
}

/** A session that says whose the address is. */
function naming(id: string): object {
  return session(id, { attacker_uuid: "a7", attacker_ip: IP });
}

function sessions(pipeline: Pipeline): readonly string[] {
  return pipeline.store.database.prepare(
    "SELECT DISTINCT session_id AS id FROM ttp_tag WHERE attacker_uuid = 'a7' ORDER BY 1",
  ).all<{ id: string }>().map(({ id }) => id);
}

Deno.test("an event of an unknown address waits on disk, and is acknowledged", async () => {
  using pipeline = new Pipeline();
  pipeline.push("s1", unknown("s1"));
  await pipeline.drain();
  assert.deepEqual(pipeline.journal, ["ack s1"]);
  assert.deepEqual([pipeline.store.parked.count(), pipeline.store.tags.count()], [1, 0]);
});

Deno.test("parked events are released at once when their address becomes known", async () => {
  using pipeline = new Pipeline();
  for (let i = 0; i < 20; i++) pipeline.push(`p${i}`, unknown(`p${i}`));
  pipeline.push("known", naming("known"));
  await pipeline.drain();
  assert.equal(pipeline.store.parked.count(), 0);
  assert.equal(pipeline.counters.total("released"), 20);
  assert.equal(sessions(pipeline).length, 21);
});

Deno.test("parked events that are due are tried again, and wait again when nobody knows their address", async () => {
  using pipeline = new Pipeline();
  pipeline.push("s1", unknown("s1"));
  await pipeline.drain();
  pipeline.parked.look();
  assert.ok(pipeline.parked.hasWork);
  await pipeline.drain();
  assert.equal(pipeline.store.parked.byIp(IP, 9)[0]?.attempts, 1);
  pipeline.now += 59_999;
  pipeline.parked.look();
  assert.ok(!pipeline.parked.hasWork, "its next try is a minute later");
  // Another process has learned it meanwhile.
  pipeline.store.attackers.learn({ uuid: "a7", ip: IP, at: new Date(pipeline.now) });
  pipeline.now += 1;
  pipeline.parked.look();
  await pipeline.drain();
  assert.deepEqual(sessions(pipeline), ["s1"]);
});

Deno.test("a batch that is undone leaves the parked events where they are, and they are released with the next one", async () => {
  using pipeline = new Pipeline();
  for (let i = 0; i < 3; i++) pipeline.push(`p${i}`, unknown(`p${i}`));
  await pipeline.drain();
  let fails = 2;
  pipeline.store.database.join({
    committing: () => {
      if (fails-- > 0) pipeline.store.database.run("ROLLBACK");
    },
  });
  pipeline.push("known", naming("known"));
  await pipeline.drain();
  assert.equal(pipeline.counters.total("store_failures"), 2);
  assert.equal(pipeline.store.parked.count(), 0);
  assert.equal(sessions(pipeline).length, 4);
  assert.equal(pipeline.counters.total("released"), 3, "what was undone is not counted");
});

Deno.test("an address that was released by others stays released when the batch is undone", async () => {
  using pipeline = new Pipeline();
  pipeline.push("p1", unknown("p1"));
  await pipeline.drain();
  pipeline.store.attackers.learn({ uuid: "a7", ip: IP, at: new Date(pipeline.now) });
  pipeline.parked.release(IP);
  let fails = 1;
  pipeline.store.database.join({
    committing: () => {
      if (fails-- > 0) pipeline.store.database.run("ROLLBACK");
    },
  });
  await pipeline.drain();
  assert.equal(pipeline.counters.total("store_failures"), 1);
  assert.deepEqual(sessions(pipeline), ["p1"]);
});

Deno.test("an address that was released and is not known after all does not keep the loop busy", async () => {
  using pipeline = new Pipeline();
  for (let i = 0; i < 20; i++) pipeline.push(`p${i}`, unknown(`p${i}`));
  await pipeline.drain();
  pipeline.parked.release(IP);
  await pipeline.drain();
  assert.ok(!pipeline.parked.hasWork);
  assert.equal(pipeline.store.parked.count(), 20);
});

Deno.test("a parked event that cannot be processed is a dead letter alone", async () => {
  using pipeline = new Pipeline();
  const at = new Date(pipeline.now);
  pipeline.store.parked.add({ topic: "attacker.session.ended", envelope: "{", ip: IP, at });
  pipeline.push("p1", unknown("p1"));
  pipeline.push("known", naming("known"));
  await pipeline.drain();
  assert.deepEqual(sessions(pipeline), ["known", "p1"]);
  assert.deepEqual(
    pipeline.store.deadLetters.list(9).map(({ reason }) => reason),
    ["Error: the kept message is not_json"],
  );
});

Deno.test("a large parked event is tagged in slices, alone, and what is beyond the limits is said", async () => {
  using pipeline = new Pipeline({ eventLimits: { maxChildren: 250, maxTags: 1000 } });
  pipeline.stepMs = 4;
  const commands = Array.from({ length: 300 }, () => "uname -a");
  pipeline.push("large", unknown("large", { commands }));
  pipeline.push("p1", unknown("p1"));
  pipeline.push("known", naming("known"));
  await pipeline.drain();
  assert.equal(pipeline.store.parked.count(), 0);
  assert.deepEqual(sessions(pipeline), ["known", "large", "p1"]);
  assert.equal(pipeline.store.tags.count(), 250 + 1 + 2);
  assert.ok(pipeline.turns > 50, `${pipeline.turns} turns`);
  assert.equal(pipeline.counters.total("children_beyond_limit"), 50);
});

Deno.test("a parked event that ended the process three times is set aside whole, before it is looked into", async () => {
  const pack = packTagger();
  const tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = {
    claimedKinds: pack.claimedKinds,
    tag: (event) => {
      if (event.sessionId === "deadly") throw new Error("it was looked into");
      return pack.tag(event);
    },
  };
  using pipeline = new Pipeline({ tagger });
  pipeline.push("deadly", unknown("deadly"));
  pipeline.push("p1", unknown("p1"));
  await pipeline.drain();
  const [deadly] = pipeline.store.parked.byIp(IP, 1);
  for (let i = 0; i < 3; i++) {
    pipeline.store.deliveryAttempts.begin(keyOf(deadly!), new Date(pipeline.now));
  }
  pipeline.push("known", naming("known"));
  await pipeline.drain();
  assert.equal(pipeline.store.parked.count(), 0);
  assert.deepEqual(sessions(pipeline), ["known", "p1"]);
  const [letter] = pipeline.store.deadLetters.list(9);
  assert.match(letter?.reason ?? "", /ended or blocked the worker/);
  assert.deepEqual(
    new TextDecoder().decode(pipeline.store.deadLetterFiles.read(letter!.file!)),
    deadly!.envelope,
  );
  assert.equal(pipeline.store.deliveryAttempts.count(keyOf(deadly!)), 0);
});

Deno.test("parked events have their turn although messages never stop coming", async () => {
  using pipeline = new Pipeline();
  pipeline.push("p1", unknown("p1"));
  await pipeline.drain();
  // Each look at the clock ends the time of a batch.
  pipeline.stepMs = 25;
  for (let i = 0; i < 5; i++) pipeline.push(`s${i}`, i === 0 ? naming("s0") : session(`s${i}`));
  const released: number[] = [];
  pipeline.push("last", session("last")).onAck = () =>
    released.push(pipeline.counters.total("released"));
  await pipeline.drain();
  await until("it is released", () => pipeline.store.parked.count() === 0);
  assert.deepEqual(released, [1]);
});

Deno.test("parked events have as much time as the messages before them", async () => {
  using pipeline = new Pipeline();
  for (let i = 0; i < 20; i++) pipeline.push(`p${i}`, unknown(`p${i}`));
  await pipeline.drain();
  // The messages of each batch use up its time.
  pipeline.stepMs = 5;
  let released = 0;
  pipeline.push("known", naming("known")).onAck = () =>
    released = pipeline.counters.total("released");
  for (let i = 0; i < 20; i++) pipeline.push(`s${i}`, session(`s${i}`));
  await pipeline.drain();
  assert.ok(released > 1 && released < 20, `${released} were released with the first batch`);
  assert.equal(pipeline.store.parked.count(), 0);
});

for (
  const [what, envelope] of [
    [
      "with many commands",
      JSON.stringify(unknown("large", { commands: Array(300).fill("uname -a") })),
    ],
    ["that is no event", "{".repeat(65_537)],
  ] as const
) {
  Deno.test(`a large parked message ${what} has a batch for itself, whatever has come meanwhile`, async () => {
    using pipeline = new Pipeline();
    const at = new Date(pipeline.now);
    pipeline.store.parked.add({ topic: "attacker.session.ended", envelope, ip: IP, at });
    const committed: number[] = [];
    pipeline.push("known", naming("known")).onAck = () => {
      pipeline.push("later", session("later")).onAck = () => committed.push(pipeline.commits);
    };
    await pipeline.drain();
    assert.equal(pipeline.store.parked.count(), 0);
    // Its own and that of the message which named the address were committed before.
    assert.deepEqual(committed, [2]);
  });
}

Deno.test("256 parked events are released with one batch, and those beyond with the next ones", async () => {
  using pipeline = new Pipeline();
  const at = new Date(pipeline.now);
  const park = (ip: string, count: number): void => {
    for (let i = 0; i < count; i++) {
      const envelope = JSON.stringify(unknown(`${ip}-${i}`, { attacker_ip: ip }));
      pipeline.store.parked.add({ topic: "attacker.session.ended", envelope, ip, at });
    }
    pipeline.store.attackers.learn({ uuid: "a7", ip, at });
    pipeline.parked.release(ip);
  };
  pipeline.store.transaction(() => {
    park("192.0.2.1", 4);
    park("192.0.2.2", 260);
  });
  let released = 0;
  pipeline.push("s1", session("s1")).onAck = () => released = pipeline.counters.total("released");
  await pipeline.drain();
  assert.equal(released, 256);
  assert.equal(pipeline.store.parked.count(), 0);
});

Deno.test("an event that names another address than it waits for waits for that one", async () => {
  using pipeline = new Pipeline();
  const at = new Date(pipeline.now);
  const envelope = JSON.stringify(unknown("s1"));
  const [topic, ip] = ["attacker.session.ended", "192.0.2.1"];
  pipeline.store.parked.add({ topic, envelope, ip, at });
  pipeline.parked.release(ip);
  await pipeline.drain();
  assert.equal(pipeline.store.parked.byIp(ip, 9).length, 0);
  assert.equal(pipeline.store.parked.byIp(IP, 9).length, 1);
});

Deno.test("a large parked event is begun once, however often the database fails meanwhile", async () => {
  const pack = packTagger();
  let fails = 4;
  using pipeline = new Pipeline({
    tagger: {
      claimedKinds: pack.claimedKinds,
      tag: (event) => {
        if (event.sessionId === "large" && fails-- > 0) throw new StoreError("io", "gone");
        return pack.tag(event);
      },
    },
  });
  pipeline.push("large", unknown("large", { commands: Array(300).fill("uname -a") }));
  await pipeline.drain();
  pipeline.push("known", naming("known"));
  await pipeline.drain();
  assert.deepEqual(sessions(pipeline), ["known", "large"]);
  assert.equal(pipeline.store.deadLetters.count(), 0);
});
