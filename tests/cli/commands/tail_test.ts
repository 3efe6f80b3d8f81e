import assert from "assert";
import { Store } from "../../../lib/store/store.ts";
import { until } from "../../harness/until.ts";
import { after, NOW, tag } from "../../store/scratch.ts";
import { directoryWith, runCaptured } from "../captured_run.ts";
import { programCommand } from "../program_process.ts";

const HOSTILE = "rm -rf / \x1b[2J \u202e gpj.exe";

/** A running `tail`, the database that it follows, and its lines as they come. */
function tailing(...args: readonly string[]) {
  const dir = directoryWith({});
  const db = `${dir.path}/ttp.db`;
  const store = Store.open(db);
  store.attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: NOW });
  store.tags.insert(
    [
      tag({ uuid: "old1", deckyId: "d9" }),
      tag({ uuid: "old2", deckyId: "d9", evidence: { matched: HOSTILE } }),
    ],
    NOW,
  );
  const child = programCommand(["tail", "--db", db, ...args]).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  const line = async (): Promise<string> => {
    while (!pending.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`tail ended after ${JSON.stringify(pending)}`);
      pending += value;
    }
    const end = pending.indexOf("\n");
    const first = pending.slice(0, end);
    pending = pending.slice(end + 1);
    return first;
  };
  return {
    db,
    store,
    line,
    /** How it ends by itself. */
    ended: async (): Promise<{ readonly code: number; readonly err: string }> => {
      await lines.cancel();
      const err = await new Response(child.stderr).text();
      return { code: (await child.status).code, err };
    },
    /** Ends it and tells how it ended. */
    end: async (signal: Deno.Signal): Promise<Deno.CommandStatus> => {
      child.kill(signal);
      while (!(await lines.read()).done);
      await child.stderr.cancel();
      return await child.status;
    },
    /** Reads no more, as `head` does, and tells how it ends at the next tag. */
    leave: async (): Promise<{ readonly code: number | undefined; readonly err: string }> => {
      await lines.cancel();
      let code: number | undefined;
      void child.status.then((status) => code = status.code);
      const reading = new Response(child.stderr).text();
      let unread = 0;
      // The pipe is closed some time after it was let go of: until then what is written fits in.
      await until("it has ended", () => {
        store.tags.insert([tag({ uuid: `unread${unread++}` })], after(1));
        return code !== undefined;
      });
      const err = await reading;
      return { code, err };
    },
    [Symbol.dispose]: () => {
      store.close();
      dir[Symbol.dispose]();
    },
  };
}

Deno.test("the last tags are shown, then each that a worker writes, harmless to look at", async () => {
  using tail = tailing("-n", "1");
  const first = await tail.line();
  assert.match(first, /^2026-03-01 12:30:00 {2}T1083 .* 192\.0\.2\.1 .*\\x1b\[2J \\u202e/);
  tail.store.tags.insert([tag({ uuid: "new1", ruleId: "R0042" })], after(1));
  assert.match(await tail.line(), / R0042 /);
  tail.store.tags.insert([tag({ uuid: "new2", ruleId: "R0043" })], after(2));
  assert.match(await tail.line(), / R0043 /);
  assert.equal((await tail.end("SIGINT")).code, 130);
});

Deno.test("only tags that were asked for are shown, one JSON object a line", async () => {
  using tail = tailing("-n", "1", "--json", "--decky", "d9", "--attacker", "192.0.2.1");
  await tail.line();
  tail.store.tags.insert([
    tag({ uuid: "other", deckyId: "d1" }),
    tag({ uuid: "stranger", deckyId: "d9", attackerUuid: "a2" }),
    tag({ uuid: "meant", deckyId: "d9" }),
  ], after(1));
  const { uuid, decky_id, created_at } = JSON.parse(await tail.line());
  assert.deepEqual([uuid, decky_id, created_at], ["meant", "d9", after(1).toISOString()]);
  assert.equal((await tail.end("SIGTERM")).code, 143);
});

Deno.test("a database that another one takes the place of is not followed in vain", async () => {
  using tail = tailing("-n", "1");
  await tail.line();
  await Deno.copyFile(tail.db, `${tail.db}.restored`);
  await Deno.rename(`${tail.db}.restored`, tail.db);
  const { code, err } = await tail.ended();
  assert.equal(code, 4);
  assert.match(err, /^error: database .* was moved, removed or replaced; start again/);
});

Deno.test("tags that take the place of removed ones are shown too", async () => {
  using tail = tailing("-n", "1");
  await tail.line();
  tail.store.forget({ uuid: "a1" });
  tail.store.tags.insert([tag({ uuid: "again", attackerUuid: "a7", ruleId: "R0051" })], after(3));
  assert.match(await tail.line(), / R0051 /);
  await tail.end("SIGINT");
});

Deno.test("a reader that goes away ends it quietly", async () => {
  using tail = tailing("-n", "1");
  await tail.line();
  assert.deepEqual(await tail.leave(), { code: 0, err: "" });
});

Deno.test("what cannot be followed is refused", async () => {
  using dir = directoryWith({});
  const db = `${dir.path}/ttp.db`;
  const missing = await runCaptured(["tail", "--db", db]);
  assert.equal(missing.code, 4);
  Store.open(db).close();
  for (
    const [args, message] of [
      [["--technique", "T9999"], /--technique: there is no technique "T9999"/],
      [["--tactic", "nonsense"], /--tactic: there is no tactic "nonsense"/],
      [["--tactic", "impct"], /there is no tactic "impct"; did you mean impact\?/],
      [["--min-confidence", "2"], /--min-confidence: "2" is no number from 0 to 1/],
      [["--lines", "-3"], /--lines: "-3" is no whole number/],
    ] as const
  ) {
    const { code, err } = await runCaptured(["tail", "--db", db, ...args]);
    assert.equal(code, 2);
    assert.match(err, message);
  }
});
