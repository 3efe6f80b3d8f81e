import assert from "assert";
import { Store } from "../../../../lib/store/store.ts";
import { after, NOW, tag } from "../../../store/scratch.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";

/** A database with one session of three events, written in another order than they happened. */
function withSession() {
  const files = directoryWith({});
  const db = `${files.path}/ttp.db`;
  using store = Store.open(db);
  const of = { sessionId: "s1", deckyId: "d1", attackerIp: "192.0.2.1" };
  const command = {
    ...of,
    sourceId: "s1#cmd1",
    text: "  cat \x1b[2J/etc/shadow",
    evidence: { matched: "/etc/shadow", pwd: "/root" },
    observedAt: "2017-11-05T03:04:07.000Z",
  };
  const login = {
    ...of,
    sourceKind: "auth_attempt",
    sourceId: "s1#auth0",
    text: "root ssh success",
    evidence: {},
    observedAt: "2017-11-05T03:04:05.678Z",
  } as const;
  store.tags.insert([
    tag({ ...command, ruleId: "R0002", techniqueId: "T1003", subTechniqueId: "T1003.008" }),
    tag(command),
    tag({ ...login, ruleId: "R0003", techniqueId: "T1078", tactic: "TA0001" }),
  ], NOW);
  store.tags.insert([tag({ ...of, sessionId: "s2", observedAt: "2017-11-04T00:00:00.000Z" })], NOW);
  const run = async (...args: readonly string[]) => {
    const { code, out, err } = await runCaptured([...args, "--db", db]);
    assert.deepEqual([code, err], [0, ""]);
    return out;
  };
  return { run, [Symbol.dispose]: () => files[Symbol.dispose]() };
}

Deno.test("query session tells what happened in it, second by second, where and as what", async () => {
  using at = withSession();
  const lines = (await at.run("query", "session", "s1")).trimEnd().split("\n");
  assert.match(lines.join("\n"), /^attacker ip: +192\.0\.2\.1$/m);
  const [login, command] = lines.slice(-2);
  assert.match(login!, /^2017-11-05 03:04:05 +auth_attempt +root ssh success +T1078$/);
  assert.match(
    command!,
    /^2017-11-05 03:04:07 +command +\/root +cat \\x1b\[2J\/etc\/shadow +T1003\.008 T1083$/,
  );
});

Deno.test("query session --json has every event with its labels", async () => {
  using at = withSession();
  const { events, attacker_ip } = JSON.parse(await at.run("query", "session", "s1", "--json"));
  assert.equal(attacker_ip, "192.0.2.1");
  assert.deepEqual(
    events.map((event: Record<string, unknown>) => [
      event["observed_at"],
      event["source_id"],
      event["directory"],
      (event["labels"] as { technique_id: string }[]).map(({ technique_id }) => technique_id),
    ]),
    [
      ["2017-11-05T03:04:05.678Z", "s1#auth0", null, ["T1078"]],
      ["2017-11-05T03:04:07.000Z", "s1#cmd1", "/root", ["T1003", "T1083"]],
    ],
  );
});

Deno.test("query attacker lists sessions with addresses and times, first come first", async () => {
  using at = withSession();
  const out = await at.run("query", "attacker", "a1");
  assert.match(
    out,
    /SESSION +ADDRESS.*\ns2 +192\.0\.2\.1 +1 +2017-11-04 00:00:00.*\ns1 +192\.0\.2\.1 +3 +2017-11-05 03:04:05 +2017-11-05 03:04:07\n$/,
  );
  const { sessions } = JSON.parse(await at.run("query", "attacker", "a1", "--json"));
  assert.deepEqual(sessions[0], {
    session_id: "s2",
    attacker_ip: "192.0.2.1",
    tags: 1,
    first_seen: "2017-11-04T00:00:00.000Z",
    last_seen: "2017-11-04T00:00:00.000Z",
  });
});

Deno.test("a report of one session for a ticket begins with what happened", async () => {
  using at = withSession();
  const out = await at.run("report", "--session", "s1", "--format", "md");
  assert.match(out, /## What happened\n\n.*\n.*\n\| 2017-11-05 03:04:05 \| auth\\_attempt \| +\|/);
  assert.doesNotMatch(await at.run("report", "--format", "md"), /What happened/);
});

Deno.test("--since is about when things happened, --labelled-since about when they were labelled", async () => {
  using at = withSession();
  const techniques = async (...args: readonly string[]) =>
    (await at.run("query", "techniques", "--json", ...args)).split("\n").length - 1;
  assert.equal(await techniques("--until", "2018-01-01"), 3);
  assert.equal(await techniques("--since", "2018-01-01"), 0);
  assert.equal(await techniques("--labelled-since", NOW.toISOString()), 3);
  assert.equal(await techniques("--labelled-since", after(1).toISOString()), 0);
});
