import assert from "assert";
import { Store } from "../../../../lib/store/store.ts";
import { until } from "../../../harness/until.ts";
import { cowrieSession } from "../../../sources/cowrie/cowrie_log.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";
import { programCommand, runProcess } from "../../program_process.ts";

const SUID = "find / -perm -u=s 2>/dev/null";

/** What gzip makes of a text. */
async function packed(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const session = (id: string, more: object): string =>
  JSON.stringify({
    topic: "attacker.session.ended",
    payload: { session_id: id, commands: [SUID], ...more },
  });

async function imported(args: readonly string[]): Promise<Record<string, number>> {
  const { code, out, err } = await runCaptured(["import", "--json", ...args]);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

Deno.test("a Cowrie log is imported once, and goes on where it was when it has grown", async () => {
  const first = cowrieSession("c1", [SUID]);
  const second = cowrieSession("c2", [SUID, "uname -a"]).split(/(?<=\n)/);
  using files = directoryWith({ "c.json": first + second.slice(0, 4).join("") });
  const [db, log] = [`${files.path}/t.db`, `${files.path}/c.json`];
  const all = ["--db", db, log];
  const before = await imported(all);
  assert.ok(before["tags"]! > 0);
  const again = await imported(all);
  assert.equal(again["tags"], 0);
  assert.equal(again["skipped"], first.split("\n").length - 1, "c2 is open: it is read again");
  Deno.writeTextFileSync(log, second.slice(4).join(""), { append: true });
  const grown = await imported(all);
  assert.ok(grown["tags"]! > 0);
  assert.equal((await imported(all))["lines"], 0);
  using fresh = directoryWith({ "c.json": Deno.readTextFileSync(log) });
  const whole = await imported(["--db", `${fresh.path}/t.db`, `${fresh.path}/c.json`]);
  using store = Store.open(db);
  assert.equal(whole["tags"], store.tags.count());
});

Deno.test("a session without end makes nothing of sessions that were over, however often a log is imported", async () => {
  const open = cowrieSession("c1", [SUID]).split(/(?<=\n)/).slice(0, 4).join("");
  const guesses = cowrieSession("c2").replace(/.*login\.failed.*\n/, (line) => line.repeat(30));
  const begun = guesses.split(/(?<=\n)/).slice(0, 3).join("");
  using files = directoryWith({ "c.json": begun + open + guesses.slice(begun.length) });
  const all = ["--db", `${files.path}/t.db`, `${files.path}/c.json`];
  assert.ok((await imported(all))["tags"]! > 0);
  for (let again = 0; again < 2; again++) assert.equal((await imported(all))["tags"], 0);
});

Deno.test("an event that is nested too deep to be written costs itself and nothing else", async () => {
  const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const deep = `{"topic":"attacker.session.ended","payload":{"attacker_uuid":"a","x":${nested}}}`;
  using files = directoryWith({ "e.jsonl": `${deep}\n${session("s1", { attacker_uuid: "a" })}\n` });
  const done = await imported(["--db", `${files.path}/t.db`, `${files.path}/e.jsonl`]);
  assert.equal(done["failed"], 1);
  assert.ok(done["tags"]! > 0);
});

Deno.test("another file of the same name is imported from its beginning", async () => {
  using files = directoryWith({ "c.json": cowrieSession("c1", [SUID]) });
  const all = ["--db", `${files.path}/t.db`, `${files.path}/c.json`];
  await imported(all);
  Deno.writeTextFileSync(`${files.path}/c.json`, cowrieSession("d1", [SUID]));
  const { skipped, tags } = await imported(all);
  assert.deepEqual([skipped, tags! > 0], [0, true]);
});

Deno.test("packed files give the same tags as plain ones, and are not read twice either", async () => {
  const log = cowrieSession("c1", [SUID]);
  using files = directoryWith({ "c.json": log });
  Deno.writeFileSync(`${files.path}/c.json.1.gz`, await packed(log));
  const db = ["--db", `${files.path}/t.db`];
  assert.ok((await imported([...db, `${files.path}/c.json.1.gz`]))["tags"]! > 0);
  assert.equal((await imported([...db, `${files.path}/c.json.1.gz`]))["lines"], 0);
  const plain = await imported([...db, `${files.path}/c.json`]);
  assert.deepEqual([plain["events"], plain["tags"]], [2, 0]);
});

Deno.test("of a damaged file what came before the damage is imported, and the other files are too", async () => {
  using files = directoryWith({ "c.json": cowrieSession("c1", [SUID]) });
  const noise = Array.from({ length: 3000 }, () => crypto.randomUUID()).join(" ");
  const bytes = await packed(cowrieSession("c2", [SUID]) + cowrieSession("c3", [noise]));
  Deno.writeFileSync(`${files.path}/c.json.1.gz`, bytes.subarray(0, bytes.length - 20_000));
  const args = ["import", "--json", "--db", `${files.path}/t.db`];
  const names = ["c.json.1.gz", "c.json"].map((name) => `${files.path}/${name}`);
  const { code, out, err } = await runCaptured([...args, ...names]);
  assert.equal(code, 2);
  assert.match(err, /c\.json\.1\.gz: it is damaged or incomplete/);
  assert.equal(JSON.parse(out)["files"], 2);
  const { out: sessions } = await runCaptured([
    ...["query", "session", "--json", "--db", `${files.path}/t.db`],
  ]);
  assert.deepEqual(
    sessions.trim().split("\n").map((line) => JSON.parse(line)["session_id"]).sort(),
    ["c1", "c2", "c3"],
  );
});

Deno.test("a pipe is imported from its beginning, whatever it holds", async () => {
  using files = directoryWith({});
  const all = ["import", "--json", "--db", `${files.path}/t.db`, "-"];
  for (const bytes of [cowrieSession("c1", [SUID]), await packed(cowrieSession("c2", [SUID]))]) {
    const { code, out, err } = await runProcess(all, bytes);
    assert.deepEqual([code, err], [0, ""]);
    const { lines, skipped, tags } = JSON.parse(out);
    assert.deepEqual([lines, skipped, tags > 0], [7, 0, true]);
  }
});

Deno.test("the format is told by the first line that is not empty", async () => {
  using files = directoryWith({ "c.json": `\n \r\n${cowrieSession("c1", [SUID])}` });
  const done = await imported(["--db", `${files.path}/t.db`, `${files.path}/c.json`]);
  assert.ok(done["tags"]! > 0);
});

Deno.test("a file that unpacks to nothing but empty lines can be broken off", async () => {
  using files = directoryWith({});
  const bytes = await packed(cowrieSession("c1", [SUID]) + "\n".repeat(50_000_000));
  Deno.writeFileSync(`${files.path}/c.json.gz`, bytes);
  const args = ["import", "--db", `${files.path}/t.db`, `${files.path}/c.json.gz`];
  const child = programCommand(args).spawn();
  const isBegun = (): boolean => {
    try {
      using store = Store.open(`${files.path}/t.db`, { access: "read_only", check: false });
      return store.tags.count() > 0;
    } catch {
      return false;
    }
  };
  await until("the first lines are in", isBegun);
  child.kill("SIGTERM");
  const { code, stderr } = await child.output();
  assert.equal(code, 143, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stderr), /broken off/);
});

Deno.test("events of an address wait until a later line says whose it is", async () => {
  using files = directoryWith({
    "e.jsonl": [
      session("s1", { attacker_ip: "192.0.2.7" }),
      session("s2", { attacker_ip: "192.0.2.8" }),
      session("s3", {}),
      "not json",
      JSON.stringify({
        topic: "attacker.observed",
        payload: { attacker_ip: "192.0.2.7", attacker_uuid: "a7" },
      }),
    ].join("\n") + "\n",
  });
  const db = `${files.path}/t.db`;
  const { code, out, err } = await runCaptured(["import", "--db", db, `${files.path}/e.jsonl`]);
  assert.equal(code, 0);
  assert.match(out, /^5 lines of 1 file: 4 events, [1-9]\d* new tags\n/);
  assert.match(out, /^1 line could not be read$/m);
  assert.match(out, /^1 event wait for an attacker/m);
  assert.match(out, /^1 event belong to nobody$/m);
  assert.match(err, /^warning: .*e\.jsonl:4: it is not JSON$/m);
  using store = Store.open(db);
  assert.equal(store.parked.count(), 1);
  assert.equal(store.outbox.count(), 0, "nothing is announced");
});

Deno.test("an import that names an attacker of earlier events says that none wait, not fewer than none", async () => {
  const observed = {
    topic: "attacker.observed",
    payload: { attacker_ip: "192.0.2.7", attacker_uuid: "a7" },
  };
  using files = directoryWith({
    "1.jsonl": session("s1", { attacker_ip: "192.0.2.7" }) + "\n",
    "2.jsonl": JSON.stringify(observed) + "\n",
  });
  const db = ["--db", `${files.path}/t.db`];
  assert.equal((await imported([...db, `${files.path}/1.jsonl`]))["parked"], 1);
  const { parked, tags } = await imported([...db, `${files.path}/2.jsonl`]);
  assert.deepEqual([parked, tags! > 0], [0, true]);
});

Deno.test("an import that was broken off while events waited tags them when it is repeated", async () => {
  using files = directoryWith({ "e.jsonl": session("s1", { attacker_ip: "192.0.2.7" }) + "\n" });
  const db = `${files.path}/t.db`;
  await imported(["--db", db, `${files.path}/e.jsonl`]);
  {
    using store = Store.open(db);
    assert.equal(store.parked.count(), 1);
    // As a process leaves it that was killed between the word of an address and what waits for it.
    store.attackers.learn({ uuid: "a7", ip: "192.0.2.7", at: new Date() });
  }
  const { tags } = await imported(["--db", db, `${files.path}/e.jsonl`]);
  assert.ok(tags! > 0);
  using store = Store.open(db);
  assert.equal(store.parked.count(), 0);
});

Deno.test("lines of commands need an attacker, and get the ids that tag gives", async () => {
  using files = directoryWith({ "l.txt": `${SUID}\n` });
  const db = `${files.path}/t.db`;
  const without = await runCaptured(["import", "--db", db, `${files.path}/l.txt`]);
  assert.equal(without.code, 2);
  assert.match(without.err, /--attacker/);
  const owner = ["--attacker", "a1", "--db", db, `${files.path}/l.txt`];
  assert.ok((await imported(owner))["tags"]! > 0);
  const { err } = await runCaptured(["tag", ...owner]);
  assert.match(err, /^0 tags stored, [1-9]/m);
});

Deno.test("an import that is interrupted ends with 130, and its repetition gets the rest", async () => {
  const log = Array.from(
    { length: 3000 },
    (_, index) => cowrieSession(`c${index}`, [SUID, `uname -a; echo ${index}`]),
  ).join("");
  using files = directoryWith({ "c.json": log });
  const all = ["--db", `${files.path}/t.db`, `${files.path}/c.json`];
  const child = programCommand(["import", ...all]).spawn();
  const wal = `${files.path}/t.db-wal`;
  const started = (): boolean => {
    try {
      return Deno.statSync(wal).size > 400_000;
    } catch {
      return false;
    }
  };
  while (!started()) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGINT");
  const { code, stdout, stderr } = await child.output();
  const err = new TextDecoder().decode(stderr);
  assert.equal(code, 130, err + new TextDecoder().decode(stdout));
  assert.match(err, /broken off/);
  const rest = await imported(all);
  assert.ok(rest["skipped"]! > 0 && rest["tags"]! > 0);
  using store = Store.open(`${files.path}/t.db`);
  const perSession = store.tags.count() / 3000;
  assert.ok(Number.isInteger(perSession), `${store.tags.count()} tags`);
});

Deno.test("--publish without a server ends with 5 before anything is imported", async () => {
  using files = directoryWith({ "c.json": cowrieSession("c1", [SUID]) });
  const args = ["--publish", "--nats-url", "nats://127.0.0.1:1", "--connect-timeout", "1s"];
  const db = ["--db", `${files.path}/t.db`];
  const { code, err } = await runCaptured(["import", ...args, ...db, `${files.path}/c.json`]);
  assert.equal(code, 5, err);
  using store = Store.open(`${files.path}/t.db`);
  assert.equal(store.tags.count(), 0);
});
