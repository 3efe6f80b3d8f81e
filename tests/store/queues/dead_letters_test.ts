import assert from "assert";
import fc from "fast-check";
import { MAX_DEAD_LETTERS, MAX_EXCERPT_BYTES } from "../../../lib/store/queues/dead_letters.ts";
import { after, NOW, Scratch } from "../scratch.ts";

const letter = (excerpt: string, at = NOW) => ({
  topic: "email.received",
  reason: "no",
  excerpt,
  at,
});

Deno.test("dead letters are listed newest first, page by page", () => {
  using scratch = new Scratch();
  const { deadLetters } = scratch.open();
  for (const text of ["a", "b", "c"]) deadLetters.add(letter(text));
  const [c, b] = deadLetters.list(2);
  assert.deepEqual([c?.excerpt, b?.excerpt], ["c", "b"]);
  assert.deepEqual(deadLetters.list(9, b?.id).map(({ excerpt }) => excerpt), ["a"]);
  assert.deepEqual(deadLetters.get(b?.id ?? 0), { id: 2, ...letter("b"), at: NOW.toISOString() });
  assert.equal(deadLetters.remove([1, 2, 99]), 2);
  assert.equal(deadLetters.count(), 1);
  assert.equal(deadLetters.get(1), undefined);
});

Deno.test("any excerpt is cut to 4 KiB between characters and comes back", () => {
  using scratch = new Scratch();
  const { deadLetters } = scratch.open();
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 50 }),
    fc.string({ unit: "binary", minLength: 3000, maxLength: 5000, size: "max" }),
    fc.constant("🦊".repeat(2000)),
    fc.constant("\ud800".repeat(5000)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      deadLetters.add(letter(text));
      const kept = deadLetters.list(1)[0]?.excerpt ?? "";
      const bytes = new TextEncoder().encode(kept).length;
      assert.ok(bytes <= MAX_EXCERPT_BYTES);
      const clean = text.toWellFormed().replaceAll("\0", "\ufffd");
      assert.ok(clean.startsWith(kept));
      assert.ok(kept === clean || bytes > MAX_EXCERPT_BYTES - 4);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a flood pushes out its own beginning", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.transaction(() => {
    for (let i = 0; i < MAX_DEAD_LETTERS + 5; i++) store.deadLetters.add(letter(`${i}`));
  });
  assert.equal(store.deadLetters.count(), MAX_DEAD_LETTERS);
  assert.equal(store.deadLetters.get(5), undefined);
  assert.equal(store.deadLetters.get(6)?.excerpt, "5");
});

Deno.test("a retried dead letter waits among the parked events", () => {
  using scratch = new Scratch();
  const { deadLetters, parked } = scratch.open();
  deadLetters.add(letter("{}"));
  assert.equal(deadLetters.retry(7, "", after(1)), undefined);
  assert.equal(deadLetters.retry(1, "192.0.2.1", after(1)), 1);
  assert.equal(deadLetters.count(), 0);
  assert.deepEqual(parked.byIp("192.0.2.1", 9), [{
    id: 1,
    topic: "email.received",
    envelope: "{}",
    ip: "192.0.2.1",
    attempts: 0,
    firstSeen: after(1).toISOString(),
  }]);
});

Deno.test("retention drops the old ones and the oldest of too many", () => {
  using scratch = new Scratch();
  const { deadLetters } = scratch.open();
  for (let minute = 0; minute < 6; minute++) deadLetters.add(letter(`${minute}`, after(minute)));
  assert.equal(deadLetters.prune({ maxRows: 10, olderThan: after(1) }), 1);
  assert.equal(deadLetters.prune({ maxRows: 3 }), 2);
  assert.deepEqual(deadLetters.list(9).map(({ excerpt }) => excerpt), ["5", "4", "3"]);
});
