import assert from "assert";
import type { StoreError } from "../../../lib/store/sqlite/errors.ts";
import type { Store } from "../../../lib/store/store.ts";
import { NOW, Scratch, tag } from "../scratch.ts";

const park = (store: Store, envelope: string) =>
  store.parked.add({ topic: "t", envelope, ip: "192.0.2.1", at: NOW });
const parked = (store: Store) =>
  store.parked.byIp("192.0.2.1", 99).map(({ envelope }) => envelope).join("");
const fail = () => {
  throw new RangeError("the work failed");
};

Deno.test("a transaction that fails leaves nothing, and hands on what the work threw", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  assert.throws(() =>
    store.transaction(() => {
      park(store, "a");
      store.tags.insert([tag()], NOW);
      fail();
    }), RangeError);
  assert.equal(parked(store), "");
  assert.equal(store.tags.count(), 0);
  assert.equal(store.transaction(() => 42), 42);
});

Deno.test("a part of a transaction is undone alone, at any depth", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.transaction(() => {
    park(store, "a");
    store.transaction(() => {
      park(store, "b");
      assert.throws(() =>
        store.transaction(() => {
          park(store, "c");
          store.transaction(() => park(store, "d"));
          fail();
        }), RangeError);
      store.transaction(() => park(store, "e"));
    });
    assert.throws(() => store.transaction(fail), RangeError);
    park(store, "f");
  });
  assert.equal(parked(store), "abef");
});

Deno.test("others see a transaction's rows when it is committed, not before", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const other = scratch.open();
  store.transaction(() => {
    park(store, "a");
    assert.equal(parked(other), "");
  });
  assert.equal(parked(other), "a");
});

Deno.test("the store works on after rows were refused in the middle of a transaction", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.transaction(() => {
    park(store, "a");
    assert.throws(
      () => store.transaction(() => store.tags.insert([tag({ confidence: 2 })], NOW)),
      (error: StoreError) => error.ownFault,
    );
    park(store, "b");
  });
  assert.equal(parked(store), "ab");
});

Deno.test("work that overlooks a lost transaction is not committed by halves", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  assert.throws(
    () =>
      store.transaction(() => {
        park(store, "a");
        store.database.run("ROLLBACK");
        store.transaction(() => park(store, "b"));
      }),
    (error: StoreError) => error.code === "io" && error.transient,
  );
  assert.equal(parked(store), "");
  store.transaction(() => park(store, "c"));
  assert.equal(parked(store), "c");
});

Deno.test("a closed store says so and can be closed again", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.close();
  store.close();
  assert.throws(() => store.parked.count());
});

Deno.test("a snapshot is of one moment, whatever others write meanwhile", () => {
  using scratch = new Scratch();
  const writer = scratch.open();
  park(writer, "a");
  const reader = scratch.open({ access: "read_only" });
  const seen = reader.database.snapshot(() => {
    const before = parked(reader);
    park(writer, "b");
    return [before, parked(reader), reader.database.snapshot(() => parked(reader))];
  });
  assert.deepEqual(seen, ["a", "a", "a"]);
  assert.equal(parked(reader), "ab");
  assert.throws(() => reader.database.snapshot(fail), RangeError);
  park(writer, "c");
  assert.equal(parked(reader), "abc");
});

Deno.test("a snapshot inside a transaction is part of it", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.transaction(() => {
    park(store, "a");
    assert.equal(store.database.snapshot(() => parked(store)), "a");
    park(store, "b");
  });
  assert.equal(parked(store), "ab");
});
