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

Deno.test("a transaction that was lost in its outermost part is not committed", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const members: string[] = [];
  store.database.join({ committed: () => members.push("committed") });
  assert.throws(
    () =>
      store.transaction(() => {
        park(store, "a");
        store.database.run("ROLLBACK");
      }),
    (error: StoreError) => error.code === "io" && /was undone/.test(error.message),
  );
  assert.deepEqual(members, []);
  assert.equal(parked(store), "");
});

Deno.test("parts one after the other leave the transaction around them as it was", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  for (const part of ["a", "b"]) {
    store.transaction(() => {
      store.transaction(() => park(store, part));
      assert.throws(() => store.transaction(fail), RangeError);
      store.transaction(() => store.transaction(() => park(store, part.toUpperCase())));
    });
  }
  assert.equal(parked(store), "aAbB");
});

Deno.test("members hear of every part of a transaction, and of the end that it had", () => {
  using scratch = new Scratch();
  const { database } = scratch.open();
  const heard: string[] = [];
  const member = ["begun", "kept", "undone", "committing", "committed"]
    .map((name) => [name, () => heard.push(name)] as const);
  database.join(Object.fromEntries(member));
  database.transaction(() => {
    database.transaction(() => {});
    assert.throws(() => database.transaction(fail), RangeError);
  });
  assert.throws(() => database.transaction(fail), RangeError);
  database.reopen(() => heard.push("closed"));
  assert.deepEqual(heard, [
    ...["begun", "begun", "kept", "begun", "undone", "committing", "committed"],
    ...["begun", "undone"],
    ...["closed", "undone"],
  ]);
});

Deno.test("a connection that is made anew is set up like the one before", () => {
  using scratch = new Scratch();
  const { database } = scratch.open({ busyTimeoutMs: 1234, synchronous: "full" });
  database.reopen(() => {});
  const settings = ["busy_timeout", "foreign_keys", "synchronous", "trusted_schema"];
  const values = settings.map((name) => database.scalar(`PRAGMA ${name}`));
  assert.deepEqual(values, [1234, 1, 2, 0]);
});

Deno.test("a checkpoint waits for nobody, and afterwards a lock is waited for as before", () => {
  using scratch = new Scratch();
  const store = scratch.open({ busyTimeoutMs: 1234 });
  const timeout = () => store.database.scalar("PRAGMA busy_timeout");
  const seen: unknown[] = [];
  store.database.guard = {
    beforeTransaction: () => {},
    beforeCommit: () => {},
    afterCommit: () => {},
    checkpoint: () => seen.push(timeout()) > 0,
    close: () => {},
  };
  assert.ok(store.checkpoint());
  assert.deepEqual([...seen, timeout()], [0, 1234]);
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
