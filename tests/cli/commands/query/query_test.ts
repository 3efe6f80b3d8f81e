import assert from "assert";
import type { Context } from "../../../../lib/cli/context.ts";
import { run } from "../../../../lib/cli/program.ts";
import { Terminal } from "../../../../lib/cli/output/terminal.ts";
import { Store } from "../../../../lib/store/store.ts";
import type { Tag } from "../../../../lib/tagging/tag.ts";
import { after, NOW, tag } from "../../../store/scratch.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";
import { runProcess } from "../../program_process.ts";

const SETUID = { tactic: "TA0004", techniqueId: "T1548", subTechniqueId: "T1548.001" };
const HOSTILE = "find / \x1b[2J\x1b[31m -perm -u=s 2>/dev/null \u202e gpj.exe";

const TAGS: readonly Tag[] = [
  tag({ uuid: "u1", sessionId: "s1", deckyId: "d1", evidence: { matched: HOSTILE, uid: 0 } }),
  tag({ uuid: "u2", sessionId: "s1", deckyId: "d1", confidence: 0.5, ...SETUID }),
  tag({ uuid: "u3", sessionId: "s2", deckyId: "d2", attackerUuid: "a2" }),
  tag({
    uuid: "u4",
    attackerUuid: "a2",
    tactic: "TA0102",
    techniqueId: "T0846",
    attackRelease: "ics-18.1",
  }),
];

/** A database with four tags an hour apart, and a way to run `query` commands on it. */
function seen() {
  const dir = directoryWith({});
  const db = `${dir.path}/ttp.db`;
  using store = Store.open(db);
  for (const [hour, one] of TAGS.entries()) store.tags.insert([one], after(60 * hour));
  store.attackers.learn({ uuid: "a1", ip: "192.0.2.1", identityUuid: "i1", at: NOW });
  store.attackers.learn({ uuid: "a3", ip: "192.0.2.3", at: NOW });
  const query = (...args: readonly string[]) => runCaptured(["query", ...args, "--db", db]);
  const json = async (...args: readonly string[]) => {
    const { code, out, err } = await query(...args, "--json");
    assert.deepEqual([code, err], [0, ""]);
    return out.trimEnd().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  };
  return { db, query, json, [Symbol.dispose]: () => dir[Symbol.dispose]() };
}

Deno.test("times are UTC unless they say otherwise, wherever the reader sits", async () => {
  using at = seen();
  for (
    const [since, tags] of [
      ["2026-03-01 13:00:00", 1],
      ["2026-03-01T13:00", 1],
      ["2026-03-01T13:00+09:00", 2],
      ["2026-03-01", 2],
    ] as const
  ) {
    const args = ["query", "decky", "d1", "--since", since, "--json", "--db", at.db];
    const { out, err } = await runProcess(args, "", { TZ: "Asia/Tokyo" });
    assert.equal(err, "");
    const { techniques } = JSON.parse(out);
    assert.equal(techniques.length, tags, since);
  }
});

Deno.test("techniques are shown with names, counts, times and best confidence", async () => {
  using at = seen();
  const { code, out } = await at.query("techniques");
  assert.equal(code, 0);
  const [head, first] = out.split("\n");
  assert.match(head ?? "", /^TECHNIQUE +NAME +TACTIC +TAGS +BEST +FIRST SEEN +LAST SEEN$/);
  assert.match(
    first ?? "",
    /^T1083 +File and Directory Discovery +Discovery +2 +0\.80 +2026-03-01 12:30:00 +2026-03-01 14:30:00$/,
  );
  assert.deepEqual((await at.json("techniques"))[0], {
    technique_id: "T1083",
    technique_name: "File and Directory Discovery",
    tactic: "TA0007",
    tactic_name: "Discovery",
    tags: 2,
    first_seen: after(0).toISOString(),
    last_seen: after(120).toISOString(),
    best_confidence: 0.8,
    attack_release: "enterprise-19.1",
  });
});

for (
  const [args, ids] of [
    [[], ["T1083", "T0846", "T1548"]],
    [["--min-confidence", "0.6"], ["T1083", "T0846"]],
    [["--tactic", "Privilege Escalation"], ["T1548"]],
    [["--tactic", "privilege-escalation"], ["T1548"]],
    [["--tactic", "ta0102"], ["T0846"]],
    [["--since", "2026-03-01T15:00Z"], ["T0846"]],
    [["--since", "2026-03-01T13:00Z", "--until", "2026-03-01T14:00Z"], ["T1548"]],
    [["--since", "1m"], []],
  ] as const
) {
  Deno.test(`query techniques ${args.join(" ")} shows ${ids.join(", ") || "nothing"}`, async () => {
    using at = seen();
    const rows = await at.json("techniques", ...args);
    assert.deepEqual(rows.map(({ technique_id }) => technique_id), ids);
    if (ids.length === 0) {
      assert.equal((await at.query("techniques", ...args)).out, "nothing was seen\n");
    }
  });
}

Deno.test("techniques of industrial systems have the names of their own release", async () => {
  using at = seen();
  const [row] = await at.json("techniques", "--tactic", "TA0102");
  assert.deepEqual([row.technique_name, row.tactic_name], ["Remote System Discovery", "Discovery"]);
});

Deno.test("the busiest come first when nobody is named", async () => {
  using at = seen();
  assert.deepEqual(
    (await at.json("attacker")).map(({ attacker_uuid, tags }) => [attacker_uuid, tags]),
    [
      ["a1", 2],
      ["a2", 2],
    ],
  );
  assert.deepEqual((await at.json("session", "--limit", "1")).map((row) => row.session_id), ["s1"]);
  assert.match((await at.query("decky")).out, /^DECKY +TAGS .*\nd1 +2 /);
  // Its attacker's tags were written before anybody knew that they are one.
  assert.match((await at.query("identity")).out, /^IDENTITY +TAGS .*\ni1 +2 /);
});

Deno.test("an attacker is found by uuid and by address", async () => {
  using at = seen();
  const [byUuid] = await at.json("attacker", "a1");
  assert.deepEqual(await at.json("attacker", "::ffff:192.0.2.1"), [byUuid]);
  assert.deepEqual([byUuid.ip, byUuid.identity_uuid], ["192.0.2.1", "i1"]);
  assert.equal(byUuid.techniques.length, 2);
  const { out } = await at.query("attacker", "192.0.2.1", "--min-confidence", "0.6");
  assert.match(out, /^attacker uuid: +a1\nip: +192\.0\.2\.1\nidentity uuid: +i1\n/);
  assert.match(out, /\nT1083 .*\n\nSESSION .*\ns1 .*\n$/);
  assert.match((await at.query("attacker", "a3")).out, /\n\nno tags\n$/);
});

Deno.test("an identity shows its attackers and what they did", async () => {
  using at = seen();
  const [row] = await at.json("identity", "i1");
  assert.deepEqual([row.attackers, row.techniques.length], [["a1 at 192.0.2.1"], 2]);
});

Deno.test("the tags of a session are shown in order, harmless to look at", async () => {
  using at = seen();
  const { out } = await at.query("session", "s1", "--tags");
  assert.match(out, /\n\nWHEN .*\n2026-03-01 12:30:00 +T1083 .*\\x1b\[2J.*\n.* T1548\.001 /);
  assert.doesNotMatch(out, /(?!\n)\p{Cc}|\u202e/u);
  const rows = await at.json("session", "s1", "--tags");
  assert.deepEqual(rows.map(({ uuid }) => uuid), ["u1", "u2"]);
  assert.equal(rows[0].evidence.matched, HOSTILE);
  assert.deepEqual([rows[0].decky_id, rows[0].identity_uuid], ["d1", "i1"]);
  assert.equal((await at.json("session", "s1", "--tags", "--limit", "1")).length, 1);
});

Deno.test("one tag is shown with everything that is known of it", async () => {
  using at = seen();
  const { out } = await at.query("tag", "U1");
  assert.match(out, /^tag: +u1\ntechnique: +T1083 File and Directory Discovery\n/);
  assert.match(out, /^session: +s1$/m);
  assert.match(out, /^evidence: +matched = find \/ \\x1b\[2J/m);
  assert.match(out, /^identity: +i1$/m);
  assert.match(out, /^address: +192\.0\.2\.1$/m);
  assert.ok(!out.includes("\x1b"));
  assert.equal((await at.json("tag", "u2"))[0].created_at, after(60).toISOString());
});

Deno.test("tables fit the terminal", async () => {
  using at = seen();
  for (const args of [["techniques"], ["session", "s1", "--tags"], ["attacker"]]) {
    for (const columns of [80, 100, 132]) {
      let text = "";
      const sink = {
        writeSync: (bytes: Uint8Array) => {
          text += new TextDecoder().decode(bytes);
          return bytes.length;
        },
      };
      const context: Context = {
        terminal: new Terminal({ stdout: sink, stderr: sink, columns }),
        env: () => undefined,
        stdin: () => new Blob([]).stream(),
      };
      assert.equal(await run(["query", ...args, "--db", at.db], context), 0);
      for (const line of text.split("\n")) assert.ok(line.length <= columns, line);
    }
  }
});

for (
  const [args, code, message] of [
    [["attacker", "nobody"], 1, /nothing is known of attacker nobody/],
    [["session", "none", "--tags"], 1, /nothing is known of session none/],
    [["tag", "u9"], 1, /there is no tag u9/],
    [["techniques", "--tactic", "evil"], 2, /--tactic: there is no tactic "evil".*execution/],
    [["techniques", "--since", "soon"], 2, /--since: "soon" is neither/],
    [["techniques", "--since", "2026-02-30"], 2, /--since: "2026-02-30" is neither/],
    [["techniques", "--since", "2026-03-01 (noon)"], 2, /--since: .* is neither/],
    [["techniques", "--since", "2026-13-45"], 2, /--since: "2026-13-45" is neither/],
    [["techniques", "--since", "999999999w"], 2, /--since: "999999999w" is neither/],
    [["techniques", "--since", "1h", "--until", "2h"], 2, /--since must be before --until/],
    [["techniques", "--min-confidence", "60"], 2, /--min-confidence: "60" is no number/],
    [["session", "--limit", "0"], 2, /--limit: "0"/],
    [["session", "--tags"], 2, /--tags: of which session\?/],
  ] as const
) {
  Deno.test(`query ${args.join(" ")} ends with ${code} and one clear line`, async () => {
    using at = seen();
    const { code: ended, out, err } = await at.query(...args);
    assert.deepEqual([ended, out], [code, ""]);
    assert.match(err, message);
    assert.equal(err.split("\n").length, 2);
  });
}

Deno.test("a query makes no database", async () => {
  using dir = directoryWith({});
  const { code, err } = await runCaptured(["query", "techniques", "--db", `${dir.path}/x.db`]);
  assert.equal(code, 4);
  assert.match(err, /^error: there is no database/);
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
});
