import assert from "assert";
import { Store } from "../../../lib/store/store.ts";
import { after } from "../../store/scratch.ts";
import { directoryWith, runCaptured } from "../captured_run.ts";

const LETTERS = [
  "\x1b[2J not JSON",
  '{"payload":{"attacker_uuid":"a1"}}',
  '{"payload":{"attacker_ip":"192.0.2.1"}}',
  '{"payload":{"note":"nobody"}}',
];

/** A database with dead letters 1 to 4, and a way to run `deadletters` commands on it. */
function letters() {
  const dir = directoryWith({});
  const db = `${dir.path}/ttp.db`;
  using store = Store.open(db);
  for (const [minute, excerpt] of LETTERS.entries()) {
    store.deadLetters.add({ topic: "email.received", reason: "no", excerpt, at: after(minute) });
  }
  return {
    run: (...args: readonly string[]) => runCaptured(["deadletters", ...args, "--db", db]),
    left: () => {
      using now = Store.open(db);
      return now.deadLetters.list(99).map(({ id }) => id).reverse();
    },
    parked: () => {
      using now = Store.open(db);
      return ["", "192.0.2.1"].map((ip) => now.parked.byIp(ip, 9).map(({ envelope }) => envelope));
    },
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  };
}

Deno.test("dead letters are listed newest first, and harmless to look at", async () => {
  using at = letters();
  const { code, out } = await at.run("list");
  assert.equal(code, 0);
  const lines = out.trimEnd().split("\n");
  assert.equal(lines.length, 5);
  assert.match(lines[1] ?? "", /^ *4 +2026-.* email\.received +no +\{"payload"/);
  assert.match(lines[4] ?? "", /\\x1b\[2J not JSON$/);
  assert.ok(!out.includes("\x1b"));
  assert.equal((await at.run("list", "--limit", "2")).out.trimEnd().split("\n").length, 3);
  const json = (await at.run("list", "--json", "--limit", "1")).out;
  assert.equal(JSON.parse(json).excerpt, LETTERS[3]);
});

Deno.test("one dead letter is shown as it came, with whether it can be tried again", async () => {
  using at = letters();
  const { out } = await at.run("show", "1");
  assert.match(out, /^retry: +it is not JSON/m);
  assert.match(out, /\n\n\\x1b\[2J not JSON\n$/);
  assert.match((await at.run("show", "2")).out, /^retry: +possible$/m);
  assert.equal(JSON.parse((await at.run("show", "1", "--json")).out).excerpt, LETTERS[0]);
  const missing = await at.run("show", "77");
  assert.deepEqual([missing.code, missing.err], [1, "error: there is no dead letter 77\n"]);
});

Deno.test("retry hands over what can be worked off, and says why the rest stays", async () => {
  using at = letters();
  const { code, out, err } = await at.run("retry", "--all");
  assert.deepEqual([code, out], [1, "2 messages handed to the worker\n"]);
  assert.match(err, /^4 stays: it names neither.*\n1 stays: it is not JSON/);
  assert.deepEqual(at.left(), [1, 4]);
  assert.deepEqual(at.parked(), [[LETTERS[1]], [LETTERS[2]]]);
});

Deno.test("what became of each message is told to scripts", async () => {
  using at = letters();
  const { code, out, err } = await at.run("retry", "1", "2", "--json");
  assert.deepEqual([code, err], [1, ""]);
  const [stays, goes] = out.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(goes, { id: 2, retried: true });
  assert.deepEqual([stays.id, stays.retried], [1, false]);
  assert.match(stays.reason, /^it is not JSON/);
  assert.deepEqual(JSON.parse((await at.run("purge", "--all", "--json")).out), { removed: 3 });
});

Deno.test("retry of an announcement that was refused puts it back to be sent, under its old id", async () => {
  using dir = directoryWith({});
  const db = `${dir.path}/ttp.db`;
  using store = Store.open(db);
  const excerpt = '{"v":1,"id":"id-7","payload":{"rule_id":"R0001"}}';
  const letter = { topic: "ttp.rule.suppressed", reason: "no", excerpt, at: after(0) };
  store.deadLetters.add(letter);
  const { out } = await runCaptured(["deadletters", "retry", "1", "--db", db]);
  assert.equal(out, "1 message handed to the worker\n");
  const [waiting] = store.outbox.oldest(9);
  assert.deepEqual([waiting?.id, waiting?.subject, waiting?.payload], [
    "id-7",
    letter.topic,
    excerpt,
  ]);
  assert.deepEqual([store.deadLetters.count(), store.parked.count()], [0, 0]);
});

Deno.test("retry and purge take numbers, and nothing else", async () => {
  using at = letters();
  assert.equal((await at.run("retry", "3")).code, 0);
  assert.equal((await at.run("purge", "1")).out, "1 message removed\n");
  assert.deepEqual(at.left(), [2, 4]);
  assert.match((await at.run("purge", "1")).err, /there is no dead letter 1/);
});

Deno.test("purge removes all, or what is older", async () => {
  using at = letters();
  assert.equal((await at.run("purge", "--older-than", "40000d")).out, "0 messages removed\n");
  assert.equal((await at.run("purge", "--all")).out, "4 messages removed\n");
  assert.equal((await at.run("list")).out, "there are no dead letters\n");
});

for (
  const [args, message] of [
    [["purge"], /which messages\?/],
    [["retry"], /which messages\?/],
    [["purge", "1", "--all"], /one way/],
    [["purge", "x"], /"x" is no number/],
    [["purge", "--older-than", "soon"], /--older-than: expected a length of time/],
    [["list", "--limit", "0"], /--limit: expected/],
  ] as const
) {
  Deno.test(`deadletters ${args.join(" ")} is refused and removes nothing`, async () => {
    using at = letters();
    const { code, err } = await at.run(...args);
    assert.equal(code, 2);
    assert.match(err, message);
    assert.equal(at.left().length, 4);
  });
}

/** A database with one dead letter whose message was set aside as a file. */
function wholeLetter(body: string) {
  const dir = directoryWith({});
  const db = `${dir.path}/ttp.db`;
  using store = Store.open(db);
  const file = store.deadLetterFiles.keep(new TextEncoder().encode(body));
  const excerpt = body.slice(0, 4096);
  const topic = "attacker.session.ended";
  store.deadLetters.add({ topic, reason: "it ended the worker", excerpt, file, at: after(0) });
  return {
    db,
    path: `${store.deadLetterFiles.directory}/${file}`,
    run: (...args: readonly string[]) => runCaptured(["deadletters", ...args, "--db", db]),
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  };
}

const LONG = JSON.stringify({ payload: { text: "x".repeat(9000), attacker_ip: "192.0.2.1" } });

Deno.test("a message that was set aside as a file is shown with its path, and tried again whole, once", async () => {
  using at = wholeLetter(LONG);
  const { out } = await at.run("show", "1");
  assert.ok(out.includes(`file:    ${at.path}\n`));
  assert.match(out, /^retry: +possible$/m);
  assert.equal((await at.run("retry", "1")).code, 0);
  using store = Store.open(at.db);
  assert.equal(store.deadLetters.count(), 0);
  const [parked] = store.parked.byIp("192.0.2.1", 9);
  assert.equal(parked?.envelope, LONG);
  // One more attempt that ends the worker, and it is set aside again.
  assert.equal(store.deliveryAttempts.count(`parked.${parked?.id}`), 2);
});

Deno.test("a message whose file has gone stays, and says so", async () => {
  using at = wholeLetter(LONG);
  Deno.removeSync(at.path);
  assert.match((await at.run("show", "1")).out, /^retry: +its file has gone/m);
  const { code, err } = await at.run("retry", "1");
  assert.equal(code, 1);
  assert.match(err, /1 stays: its file has gone/);
});

Deno.test("purge removes the file with its message", async () => {
  using at = wholeLetter(LONG);
  assert.equal((await at.run("purge", "1")).code, 0);
  assert.throws(() => Deno.statSync(at.path), Deno.errors.NotFound);
});
