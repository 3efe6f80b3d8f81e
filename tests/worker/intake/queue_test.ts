import assert from "assert";
import type { BusMessage } from "../../../lib/bus/bus.ts";
import { MessageQueue, type QueueLimits } from "../../../lib/worker/intake/queue.ts";
import { Wake } from "../../../lib/worker/wake.ts";

function message(subject: string, bytes = 1): BusMessage {
  const nothing = () => {};
  return {
    subject,
    data: new Uint8Array(bytes),
    ack: nothing,
    nak: nothing,
    term: nothing,
    working: nothing,
  };
}

function queue(limits?: QueueLimits) {
  const dropped: string[] = [];
  const wake = new Wake();
  return { queue: new MessageQueue(wake, (m) => dropped.push(m.subject), limits), dropped, wake };
}

function subjects(messages: readonly BusMessage[]): string[] {
  return messages.map((message) => message.subject);
}

Deno.test("messages leave in the order in which they came, whatever their delivery", () => {
  const { queue: q } = queue();
  q.push(message("a"), "best_effort");
  q.push(message("b"), "at_least_once");
  q.push(message("c"), "best_effort");
  assert.deepEqual(subjects(q.take(2)), ["a", "b"]);
  assert.deepEqual(subjects(q.take(10)), ["c"]);
  assert.deepEqual(q.take(10), []);
});

Deno.test("a full queue lets the oldest best-effort message go first", () => {
  const { queue: q, dropped } = queue({ maxMessages: 3 });
  q.push(message("important-1"), "at_least_once");
  q.push(message("casual-1"), "best_effort");
  q.push(message("casual-2"), "best_effort");
  q.push(message("important-2"), "at_least_once");
  q.push(message("important-3"), "at_least_once");
  assert.deepEqual(dropped, ["casual-1", "casual-2"]);
  q.push(message("important-4"), "at_least_once");
  assert.deepEqual(dropped, ["casual-1", "casual-2", "important-1"]);
  assert.deepEqual(subjects(q.take(9)), ["important-2", "important-3", "important-4"]);
});

Deno.test("a queue is bounded in bytes, but one message always fits", () => {
  const { queue: q, dropped } = queue({ maxBytes: 100 });
  q.push(message("huge", 1000), "at_least_once");
  assert.deepEqual(dropped, []);
  q.push(message("small", 60), "at_least_once");
  q.push(message("other", 60), "at_least_once");
  assert.deepEqual(dropped, ["huge", "small"]);
  assert.equal(q.size, 1);
});

Deno.test("order holds over many messages", () => {
  const { queue: q } = queue();
  const taken: string[] = [];
  for (let i = 0; i < 10_000; i++) {
    q.push(message(String(i)), i % 3 === 0 ? "best_effort" : "at_least_once");
    if (i % 2 === 1) taken.push(...subjects(q.take(1)));
  }
  taken.push(...subjects(q.take(10_000)));
  assert.deepEqual(taken, Array.from({ length: 10_000 }, (_, i) => String(i)));
});

Deno.test("a message wakes the one who waits, also when it came before the wait", async () => {
  const { queue: q, wake } = queue();
  q.push(message("a"), "best_effort");
  await wake.wait();
  const waiting = wake.wait();
  q.push(message("b"), "best_effort");
  await waiting;
});

Deno.test("a wait ends with its timeout", async () => {
  await new Wake().wait(1);
});

Deno.test("a stream is held back for its own messages, however many best-effort ones wait", async () => {
  const { queue: q } = queue({ maxMessages: 640, maxBytes: 3200 });
  for (let i = 0; i < 600; i++) q.push(message("casual"), "best_effort");
  assert.ok(!q.isFilling);
  for (let i = 0; i < 9; i++) q.push(message("important"), "at_least_once");
  assert.ok(!q.isFilling, "nine of ten");
  q.push(message("important"), "at_least_once");
  assert.ok(q.isFilling, "a sixty-fourth of the messages");
  const room = q.room.wait();
  q.take(601);
  await room;
  assert.ok(!q.isFilling);
  q.push(message("large", 91), "at_least_once");
  assert.ok(q.isFilling, "a thirty-second of the bytes");
});

Deno.test("every message that waits is visited, and none that was taken", () => {
  const { queue: q } = queue();
  for (const subject of ["a", "b", "c"]) q.push(message(subject), "at_least_once");
  for (const subject of ["x", "y"]) q.push(message(subject), "best_effort");
  q.take(1);
  const visited: string[] = [];
  q.forEach(({ subject }) => visited.push(subject));
  assert.deepEqual(visited, ["b", "c", "x", "y"]);
});

Deno.test("an empty queue does not lag, however much it has held", () => {
  const { queue: q } = queue();
  assert.equal(q.lagMs, 0);
  for (let i = 0; i < 2000; i++) q.push(message(String(i)), "at_least_once");
  assert.ok(q.lagMs > 0);
  q.take(2000);
  assert.equal(q.lagMs, 0);
});
