import assert from "assert";
import { after, NOW, Scratch } from "./scratch.ts";

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
    seq: 3,
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
  outbox.prune({ maxRows: 0 });
  outbox.add([item("c"), item("d")], after(1));
  outbox.remove(sent);
  assert.equal(ids(outbox.oldest(10)), "cd");
});
