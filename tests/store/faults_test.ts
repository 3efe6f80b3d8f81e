import assert from "assert";
import type { StoreError } from "../../lib/store/sqlite/errors.ts";
import { listTags } from "../../lib/store/queries/tag_list.ts";
import { assertConsistent } from "./tags/consistency.ts";
import { after, NOW, Scratch, tag } from "./scratch.ts";

const item = (id: string) => ({ id, subject: "ttp.tagged", payload: "x".repeat(2000) });

function spawn(scratch: Scratch, what: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.resolve("./fixture_process.ts"), scratch.file, what],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
}

Deno.test("a file that another process has locked is an error that passes", async () => {
  using scratch = new Scratch();
  scratch.open().close();
  const child = spawn(scratch, "lock");
  const reader = child.stdout.getReader();
  await reader.read();
  const store = scratch.open({ busyTimeoutMs: 1 });
  assert.equal(store.tags.count(), 0, "reading goes on");
  assert.throws(
    () => store.tags.insert([tag()], NOW),
    (error: StoreError) =>
      error.code === "locked" && error.transient && !error.ownFault &&
      error.message.includes(scratch.file),
  );
  await child.stdin.close();
  await reader.cancel();
  await child.status;
  store.tags.insert([tag()], NOW);
  assert.equal(store.tags.count(), 1);
});

Deno.test("a full disk undoes the transaction, and work goes on when there is room", () => {
  using scratch = new Scratch();
  const store = scratch.open({ maxPages: 120 });
  store.outbox.add([item("first")], NOW);
  const fill = () =>
    store.transaction(() => {
      for (let i = 0; i < 100; i++) {
        store.transaction(() => {
          store.tags.insert([tag()], NOW);
          store.outbox.add([item(`${i}`)], NOW);
        });
      }
    });
  for (let i = 0; i < 2; i++) {
    assert.throws(
      fill,
      (error: StoreError) => error.code === "full" && error.transient && !error.ownFault,
    );
    assert.deepEqual(store.outbox.oldest(9).map(({ id }) => id), ["first"]);
    assert.equal(store.tags.count(), 0);
  }
  store.database.run("PRAGMA max_page_count = 1000000");
  fill();
  assert.equal(store.tags.count(), 100);
  assert.equal(store.outbox.count(), 101);
});

Deno.test("a disk that fills up while tags are written, indexed, raised and deleted leaves them at one with their indexes", () => {
  using scratch = new Scratch();
  const stores = [scratch.open({ maxPages: 160 }), scratch.open({ maxPages: 160 })] as const;
  let full = 0;
  for (let turn = 0; turn < 150; turn++) {
    const store = stores[turn % 2]!;
    const tags = Array.from(
      { length: 30 },
      (_, part) =>
        tag({ sourceId: `s${turn}#${part}`, attackerUuid: `a${turn % 4}`, identityUuid: "i1" }),
    );
    try {
      store.transaction(() => {
        assert.deepEqual(store.tags.insert(tags, after(turn)), tags);
        assert.deepEqual(store.tags.insert(tags, after(turn)), []);
      });
      if (turn % 40 === 17) store.tags.prune({ olderThan: after(turn - 10), limit: 100 });
      if (turn % 37 === 3) {
        store.tags.bump({ ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 });
      }
    } catch (error) {
      assert.equal((error as StoreError).code, "full");
      if (full++ % 20 === 0) assertConsistent(store);
    }
  }
  assert.ok(full > 20);
  for (const store of stores) {
    store.database.run("PRAGMA max_page_count = 1000000");
    store.tags.insert([tag()], NOW);
    assertConsistent(store);
  }
});

Deno.test("a reader in the middle of its walk holds up the checkpoint, not the worker", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag(), tag()], NOW);
  const walk = listTags(scratch.open({ access: "read_only" }));
  walk.next();
  store.tags.insert([tag()], after(1));
  assert.equal(store.checkpoint(), false);
  walk.return();
  assert.equal(store.checkpoint(), true);
  assert.equal(Deno.statSync(`${scratch.file}-wal`).size, 0);
});

Deno.test("a process killed at any instant leaves whole transactions and all it has confirmed", async () => {
  using scratch = new Scratch();
  scratch.open().close();
  const confirmed: string[] = [];
  for (let kill = 1; kill <= 5; kill++) {
    const child = spawn(scratch, "write");
    let said = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (said.length > 37 * 20 * kill) break;
    }
    child.kill("SIGKILL");
    await child.status;
    await child.stdin.close().catch(() => {});
    confirmed.push(...said.split("\n").slice(0, -1));
  }
  const store = scratch.open();
  const tags = new Set([...listTags(store)].map(({ uuid }) => uuid));
  const waiting = store.outbox.oldest(1_000_000).map(({ id }) => id);
  assert.ok(confirmed.length > 100);
  assert.deepEqual(confirmed.filter((uuid) => !tags.has(uuid)), []);
  assert.deepEqual(new Set(waiting), tags);
  assert.equal(store.tags.count(), tags.size);
});
