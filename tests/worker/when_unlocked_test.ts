import assert from "assert";
import { Counters } from "../../lib/observe/counters.ts";
import { StoreError } from "../../lib/store/sqlite/errors.ts";
import { isLocked, whenUnlocked } from "../../lib/worker/when_unlocked.ts";

const locked = () => new StoreError("locked", "another process holds it");

Deno.test("work on a locked database is done once it is free, and each try is counted", async () => {
  const counters = new Counters();
  let tries = 0;
  const result = await whenUnlocked(() => {
    if (++tries < 4) throw locked();
    return "done";
  }, { counters });
  assert.equal(result, "done");
  assert.equal(counters.total("database_busy"), 3);
});

Deno.test("a lock is waited for no longer than is said", async () => {
  const counters = new Counters();
  let tries = 0;
  const isOver = () => tries === 3;
  const work = () => {
    tries++;
    throw locked();
  };
  await assert.rejects(whenUnlocked(work, { counters, isOver }), isLocked);
  assert.equal(tries, 3);
});

Deno.test("any other failure is handed on at once", async () => {
  let tries = 0;
  const work = () => {
    tries++;
    throw new StoreError("full", "no room");
  };
  await assert.rejects(whenUnlocked(work, { counters: new Counters() }), { code: "full" });
  assert.equal(tries, 1);
});
