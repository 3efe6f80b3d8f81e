import assert from "assert";
import { after, NOW, Scratch } from "../scratch.ts";

const item = (id: string) => ({ id, subject: "ttp.tagged", payload: `{"id":"${id}"}` });
const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id).join("");

Deno.test("messages leave in the order in which they came, whatever their ids", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  outbox.add([item("c"), item("a")], after(1));
  outbox.add([item("b")], NOW);
  assert.equal(ids(outbox.oldest(10)), "cab");
  assert.equal(ids(outbox.oldest(2)), "ca");
  outbox.remove(outbox.oldest(2));
  outbox.remove([]);
  outbox.add([item("d")], after(2));
  assert.equal(ids(outbox.oldest(10)), "bd");
  assert.equal(outbox.count(), 2);
});

Deno.test("the order survives the removal of everything and a restart", () => {
  using scratch = new Scratch();
  const first = scratch.open();
  first.outbox.add([item("a"), item("b")], NOW);
  first.outbox.remove(first.outbox.oldest(2));
  first.outbox.add([item("z")], NOW);
  first.close();
  const second = scratch.open();
  second.outbox.add([item("c")], NOW);
  assert.deepEqual(second.outbox.oldest(1), [{
    ...item("z"),
    seq: 2,
    index: 0,
    createdAt: NOW.toISOString(),
  }]);
  assert.equal(ids(second.outbox.oldest(9)), "zc");
});

Deno.test("retention drops what is too old and the oldest of too many, and says how many", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  for (let minute = 0; minute < 6; minute++) outbox.add([item(`${minute}`)], after(minute));
  assert.equal(outbox.prune({ maxRows: 100 }), 0);
  assert.equal(outbox.prune({ maxRows: 100, olderThan: after(2) }), 2);
  assert.equal(outbox.prune({ maxRows: 3, olderThan: after(2) }), 1);
  assert.equal(ids(outbox.oldest(10)), "345");
});

Deno.test("what came while messages were being sent stays, also when others went meanwhile", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  outbox.add([item("a"), item("b")], NOW);
  const sent = outbox.oldest(2);
  assert.equal(outbox.prune({ maxRows: 0 }), 2);
  outbox.add([item("c"), item("d")], after(1));
  outbox.remove(sent);
  assert.equal(ids(outbox.oldest(10)), "cd");
});

Deno.test("messages that came together are sent in parts, and each is removed once", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  outbox.add([item("a"), item("b"), item("c")], NOW);
  outbox.add([item("d")], NOW);
  outbox.add([item("e"), item("f")], NOW);
  outbox.remove(outbox.oldest(1));
  assert.equal(ids(outbox.oldest(10)), "bcdef");
  assert.equal(outbox.count(), 5);
  outbox.remove(outbox.oldest(4));
  assert.equal(ids(outbox.oldest(10)), "f");
  assert.equal(outbox.prune({ maxRows: 0 }), 1);
  assert.deepEqual(outbox.oldest(10), []);
});

Deno.test("more messages than are read at a time come in their order, as many as are asked for", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  const all = Array.from({ length: 700 }, (_, number) => item(`${number}.`));
  for (let from = 0; from < all.length; from += 2) outbox.add(all.slice(from, from + 2), NOW);
  for (const limit of [1, 2, 128, 511, 700, 9999]) {
    assert.equal(ids(outbox.oldest(limit)), ids(all.slice(0, limit)), String(limit));
  }
});

Deno.test("a line break in a payload does not make two messages of it", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  outbox.add([{ ...item("a"), payload: '{\n "b": "\\n"\n}' }, item("c")], NOW);
  assert.deepEqual(outbox.oldest(9).map(({ payload }) => payload), [
    '{  "b": "\\n" }',
    item("c").payload,
  ]);
});

Deno.test("no more bytes are read at once than asked for, whatever came together, but one message is", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  const sized = (id: string, bytes: number) => ({ ...item(id), payload: "x".repeat(bytes) });
  outbox.add([sized("a", 100), sized("b", 100)], NOW);
  outbox.add([sized("c", 1000), sized("d", 10)], NOW);
  assert.equal(ids(outbox.oldest(9, 50)), "a");
  assert.equal(ids(outbox.oldest(9, 200)), "ab");
  assert.equal(ids(outbox.oldest(9, 1199)), "ab");
  assert.equal(ids(outbox.oldest(9, 1200)), "abc");
  assert.equal(ids(outbox.oldest(9, 1210)), "abcd");
  outbox.remove(outbox.oldest(9, 50));
  assert.equal(ids(outbox.oldest(9, 100)), "b");
});

Deno.test("retention drops the oldest of too many bytes", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  for (const id of ["a", "b", "c"]) outbox.add([{ ...item(id), payload: "x".repeat(100) }], NOW);
  const { bytes } = outbox.size();
  assert.equal(outbox.prune({ maxRows: 100, maxBytes: bytes }), 0);
  assert.equal(outbox.prune({ maxRows: 100, maxBytes: bytes - 1 }), 1);
  assert.equal(ids(outbox.oldest(9)), "bc");
});
