import assert from "assert";
import { Store } from "../../../../lib/store/store.ts";
import { cowrieSession } from "../../../sources/cowrie/cowrie_log.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";
import { runProcess } from "../../program_process.ts";

const SUID = "find / -perm -u=s 2>/dev/null";

interface Printed {
  readonly input: unknown;
  readonly tags: readonly Readonly<Record<string, unknown>>[];
  readonly fault?: string;
}

const printed = (out: string): Printed[] =>
  out.trimEnd().split("\n").map((line) => JSON.parse(line));

const event = (payload: object, topic = "attacker.session.ended"): string =>
  JSON.stringify({ v: 1, id: "e1", topic, ts: 1764000000.5, payload });

Deno.test("tag --json prints an object for each line, in order, tagged or not", async () => {
  const lines = [SUID, "", "hello world", "\x1b[2Jw"];
  const { code, out } = await runProcess(["tag", "--json", "-"], lines.join("\n"));
  assert.equal(code, 0);
  assert.deepEqual(printed(out).map(({ input }) => input), lines);
  assert.ok(!out.includes("\x1b"));
  const [first, ...others] = printed(out);
  assert.deepEqual(others.slice(0, 2).map(({ tags }) => tags), [[], []]);
  const suid = first!.tags.find((tag) => tag["sub_technique_id"] === "T1548.001")!;
  const { uuid, source_id, evidence, confidence, ...rest } = suid;
  assert.deepEqual(rest, {
    technique_id: "T1548",
    sub_technique_id: "T1548.001",
    technique_name: "Abuse Elevation Control Mechanism: Setuid and Setgid",
    tactic: rest["tactic"],
    rule_id: "R0015",
    rule_version: rest["rule_version"],
    source_kind: "command",
    attack_release: "enterprise-19.1",
    mitre_url: "https://attack.mitre.org/techniques/T1548/001",
  });
  assert.match(String(uuid), /^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  assert.match(String(source_id), /^stdin:1:/);
  assert.match(String((evidence as { matched: string }).matched), /-perm -u=s/);
  assert.equal(typeof confidence, "number");
  const plain = first!.tags.find((tag) => tag["technique_id"] === "T1083");
  assert.ok(plain !== undefined && !("sub_technique_id" in plain));
});

Deno.test("an event with a command id gives the golden uuids", async () => {
  using files = directoryWith({
    "e.jsonl": event({
      session_id: "s1",
      attacker_uuid: "a1",
      commands: [{ id: "cmd_42", command_text: SUID }],
    }),
  });
  const { out } = await runCaptured(["tag", "--json", `${files.path}/e.jsonl`]);
  const [item, ...more] = printed(out);
  assert.equal(more.length, 0);
  assert.equal((item!.input as { id: string }).id, "e1");
  const uuids = item!.tags.map(({ uuid }) => uuid);
  assert.ok(uuids.includes("68fb11d9-e52c-5751-9b99-75877c5465ba"), uuids.join(" "));
  assert.ok(uuids.includes("4fd57b14-c135-544c-97d9-4fabc1051584"), uuids.join(" "));
});

Deno.test("the format is told by the first line, or by --format", async () => {
  using files = directoryWith({
    "lines.txt": `${SUID}\n`,
    "events.jsonl": event({ session_id: "s1", commands: [SUID] }) + "\n",
    "cowrie.json": cowrieSession("c1", [SUID]),
  });
  for (const name of ["lines.txt", "events.jsonl", "cowrie.json"]) {
    const { code, out } = await runCaptured(["tag", "--json", `${files.path}/${name}`]);
    assert.equal(code, 0);
    assert.ok(out.includes("T1548.001"), name);
  }
  const forced = await runCaptured([
    "tag",
    "--json",
    "--format",
    "lines",
    `${files.path}/events.jsonl`,
  ]);
  assert.equal(typeof printed(forced.out)[0]!.input, "string");
});

Deno.test("lines that cannot be read are shown, counted and passed over", async () => {
  using files = directoryWith({
    "e.jsonl": [
      event({ session_id: "s1", commands: [SUID] }),
      "not json",
      "[1]",
      '{"payload":{}}',
      event({ session_id: "s2", commands: "no list" }),
      event({}, "no.such.subject"),
    ].join("\n"),
  });
  const { code, out, err } = await runCaptured(["tag", "--json", `${files.path}/e.jsonl`]);
  assert.equal(code, 0);
  const faults = printed(out).map(({ fault }) => fault);
  assert.deepEqual(faults, [
    undefined,
    "it is not JSON",
    "it is no JSON object",
    "it has no topic, so nobody knows what it is",
    undefined,
    undefined,
  ]);
  assert.match(err, /6 items, 1 of them tagged/);
  assert.match(err, /warning: 3 of them could not be read/);
});

Deno.test("a huge line neither stops the program nor hides the next one", async () => {
  const huge = "x".repeat(9 * 1024 * 1024);
  const { code, out, err } = await runProcess(["tag", "--json", "-"], `${huge}\n${SUID}\n`);
  assert.equal(code, 0);
  assert.deepEqual(printed(out).map(({ fault }) => fault), ["the line is too long", undefined]);
  assert.ok(out.includes("T1548.001"));
  assert.match(err, /warning: 1 of them could not be read/);
});

Deno.test("text for people shows id, confidence, rule, name and the part that matched, harmless", async () => {
  using files = directoryWith({ "l.txt": `${SUID} # \x1b]0;owned\x07\u202e\n` });
  const { out } = await runCaptured(["tag", `${files.path}/l.txt`]);
  assert.match(out, /^ {2}T1548\.001 0\.95 {2}R0015 {2}Abuse Elevation Control Mechanism: Setuid/m);
  assert.ok(out.includes("# \\x1b]0;owned\\x07\\u202e"));
  assert.ok(![..."\x1b\x07\u202e"].some((character) => out.includes(character)));
});

Deno.test("--db stores what belongs to somebody, once, and says what does not", async () => {
  using files = directoryWith({ "l.txt": `${SUID}\n`, "cowrie.json": cowrieSession("c1", [SUID]) });
  const db = `${files.path}/t.db`;
  const nobody = await runCaptured(["tag", "--db", db, `${files.path}/l.txt`]);
  assert.match(
    nobody.err,
    /0 tags stored, 0 were there already\nwarning: \d+ tags were not stored/,
  );
  for (const [stored, there] of [["[1-9]\\d*", "0"], ["0", "[1-9]\\d*"]] as const) {
    const { err } = await runCaptured(["tag", "--db", db, `${files.path}/cowrie.json`]);
    assert.match(err, new RegExp(`${stored} tags stored, ${there} were there already`));
  }
  using store = Store.open(db);
  assert.ok(store.tags.count() > 0);
});

Deno.test("rules that cannot be used end tag with 3, with their places", async () => {
  using rules = directoryWith({ "R0901.yaml": "rule_id: R0901\nmatch: [\n" });
  const { code, out, err } = await runCaptured(["tag", "--rules", rules.path, "-"]);
  assert.deepEqual([code, out], [3, ""]);
  assert.match(err, /R0901\.yaml:\d+:\d+ /);
});

Deno.test("gzip that ends early is a mistake of its file, not a defect", async () => {
  using files = directoryWith({});
  const whole = new Blob([cowrieSession("c1")]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(whole).arrayBuffer());
  Deno.writeFileSync(`${files.path}/c.json.gz`, packed.subarray(0, packed.length - 20));
  const { code, err } = await runCaptured(["tag", `${files.path}/c.json.gz`]);
  assert.equal(code, 2);
  assert.match(err, /^error: cannot read .*c\.json\.gz: it is damaged or incomplete/m);
});

Deno.test("what is nested too deep to be written is named, and has its tags", async () => {
  const nested = `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`;
  const entry = (input: string): string =>
    `{"eventid":"cowrie.command.input","session":"s1","src_ip":"192.0.2.1","input":${input}}\n`;
  using files = directoryWith({ "c.json": entry(nested) + entry(JSON.stringify(SUID)) });
  const { code, out, err } = await runCaptured(["tag", "--json", `${files.path}/c.json`]);
  assert.equal(code, 0, err);
  const [session] = printed(out);
  assert.equal(session!.input, "attacker.session.ended s1");
  assert.ok(session!.tags.length > 0);
});
