import assert from "assert";
import { after, NOW, Scratch } from "../scratch.ts";

const DENIED = { subject: "ttp.a", reason: "not_permitted" };
const LARGE = { subject: "ttp.a", reason: "too_large" };

const item = (id: string, parts = {}) => ({
  id,
  ...DENIED,
  detail: "denied",
  payload: `{"id":"${id}"}`,
  createdAt: NOW.toISOString(),
  ...parts,
});
const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id).join("");

Deno.test("what is set aside comes back by subject and reason, in order, as it was", () => {
  using scratch = new Scratch();
  const { setAside } = scratch.open().outbox;
  setAside.add([item("b"), item("x", { subject: "ttp.x" }), item("a"), item("l", LARGE)]);
  assert.deepEqual(setAside.groups(), [
    { ...DENIED, detail: "denied", messages: 2 },
    { subject: "ttp.x", reason: "not_permitted", detail: "denied", messages: 1 },
    { ...LARGE, detail: "denied", messages: 1 },
  ]);
  assert.equal(ids(setAside.next(DENIED, "oldest", 9)), "ba");
  assert.equal(ids(setAside.next(DENIED, "oldest", 1)), "b");
  assert.deepEqual(setAside.next(LARGE, "oldest", 9), [{ ...item("l", LARGE), seq: 4 }]);
  setAside.remove(setAside.next(DENIED, "oldest", 1));
  assert.equal(ids(setAside.next(DENIED, "oldest", 9)), "a");
});

Deno.test("what is set aside survives a restart", () => {
  using scratch = new Scratch();
  const first = scratch.open();
  first.outbox.setAside.add([item("a")]);
  first.close();
  assert.equal(ids(scratch.open().outbox.setAside.next(DENIED, "oldest", 9)), "a");
});

Deno.test("the smallest message of a group is found, and no more bytes than asked for are read", () => {
  using scratch = new Scratch();
  const { setAside } = scratch.open().outbox;
  const sized = (id: string, bytes: number) => item(id, { payload: "x".repeat(bytes) });
  setAside.add([sized("c", 300), sized("a", 100), sized("b", 200)]);
  assert.equal(ids(setAside.next(DENIED, "smallest", 9)), "abc");
  assert.equal(ids(setAside.next(DENIED, "smallest", 1)), "a");
  assert.equal(ids(setAside.next(DENIED, "smallest", 9, 300)), "ab");
  assert.equal(ids(setAside.next(DENIED, "oldest", 9, 10)), "c");
});

Deno.test("a message whose reason changes leaves its group", () => {
  using scratch = new Scratch();
  const { setAside } = scratch.open().outbox;
  setAside.add([item("a"), item("b")]);
  setAside.change(setAside.next(DENIED, "oldest", 1)[0]!, "too_large", "large");
  assert.equal(ids(setAside.next(DENIED, "oldest", 9)), "b");
  assert.equal(setAside.next(LARGE, "oldest", 9)[0]?.detail, "large");
});

Deno.test("retention reaches what is set aside, by age, number and bytes", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  const { setAside } = outbox;
  for (let minute = 0; minute < 6; minute++) {
    setAside.add([item(`${minute}`, { createdAt: after(minute).toISOString() })]);
  }
  const left = () => ids(setAside.next(DENIED, "oldest", 9));
  assert.equal(outbox.prune({ maxRows: 100, olderThan: after(1) }), 1);
  assert.equal(left(), "12345");
  assert.equal(outbox.prune({ maxRows: 4 }), 1);
  assert.equal(left(), "2345");
  const { bytes } = setAside.size();
  assert.equal(outbox.prune({ maxRows: 100, maxBytes: bytes }), 0);
  assert.equal(outbox.prune({ maxRows: 100, maxBytes: bytes - 1 }), 1);
  assert.equal(left(), "345");
});

Deno.test("what waits has room before what is set aside, and both count", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  outbox.setAside.add([item("a"), item("b")]);
  outbox.add([{ id: "c", subject: "ttp.a", payload: "{}" }], NOW);
  assert.equal(outbox.count(), 3);
  assert.equal(outbox.prune({ maxRows: 2 }), 1);
  assert.equal(ids(outbox.setAside.next(DENIED, "oldest", 9)), "b");
  assert.equal(outbox.prune({ maxRows: 0 }), 2);
  assert.equal(outbox.count(), 0);
});

Deno.test("the clock and a request to forget reach what is set aside", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  outbox.setAside.add([item("a", { payload: '{"attacker_uuid":"a-1"}' }), item("b")]);
  outbox.redate(60_000, after(5));
  assert.equal(
    outbox.setAside.next(DENIED, "oldest", 9)[0]?.createdAt,
    after(1).toISOString(),
  );
  assert.equal(outbox.removeNaming("a-1"), 1);
  assert.equal(ids(outbox.setAside.next(DENIED, "oldest", 9)), "b");
});
