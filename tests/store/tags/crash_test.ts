import assert from "assert";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import { assertConsistent } from "./consistency.ts";
import { Scratch } from "../scratch.ts";

function spawn(scratch: Scratch, ...what: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.resolve("../fixture_process.ts"), scratch.file, ...what],
    stdin: "null",
    stdout: "piped",
  }).spawn();
}

/** What a process says until it is killed, in the middle of whatever it does then. */
async function killed(child: Deno.ChildProcess, characters: number): Promise<string> {
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.length > characters) break;
  }
  child.kill("SIGKILL");
  await child.status;
  return said;
}

Deno.test("a process killed while it writes, indexes, raises, merges and deletes leaves whole transactions", async () => {
  using scratch = new Scratch();
  scratch.open().close();
  const confirmed: string[] = [];
  for (let kill = 1; kill <= 6; kill++) {
    const said = await killed(
      spawn(scratch, "churn"),
      37 * (10 + Math.floor(Math.random() * 60)),
    );
    confirmed.push(...said.split("\n").slice(0, -1));
    using store = scratch.open();
    assertConsistent(store);
    const bySession = Map.groupBy(listTags(store), ({ sessionId }) => sessionId!);
    for (const [id, { length }] of bySession) {
      // Retention removes events, not sessions.
      if (id.startsWith("old-")) assert.ok(length <= 20, id);
      else assert.equal(length, 20, id);
    }
    const waiting = store.outbox.oldest(1_000_000).map(({ id }) => id);
    const written = [...bySession.keys()].filter((id) => !id.startsWith("old-"));
    assert.deepEqual(waiting.toSorted(), written.toSorted());
    assert.deepEqual(confirmed.filter((id) => !bySession.has(id)), []);
    // Nothing of it is written again, by whoever comes next.
    assert.deepEqual(store.tags.insert([...listTags(store)], new Date()), []);
  }
  assert.ok(confirmed.length > 60);
});

Deno.test("two processes that write the same at once write each tag once", async () => {
  using scratch = new Scratch();
  scratch.open().close();
  const sessions = 400;
  const children = [1, 2].map(() => spawn(scratch, "share", String(sessions)));
  const outputs = await Promise.all(children.map((child) => child.output()));
  const added = outputs.map(({ stdout, success }) => {
    assert.ok(success);
    return Number(new TextDecoder().decode(stdout));
  });
  assert.equal(added[0]! + added[1]!, sessions * 20);
  const store = scratch.open();
  assert.equal(store.tags.count(), sessions * 20);
  assertConsistent(store);
});
