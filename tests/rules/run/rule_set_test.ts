import assert from "assert";
import type { CommandMatcher } from "../../../lib/rules/compile/conditions.ts";
import { RuleError } from "../../../lib/rules/format/problem.ts";
import { RuleSet } from "../../../lib/rules/run/rule_set.ts";
import type { SourceKind } from "../../../lib/rules/source_kind.ts";
import { rulesOf, ruleText } from "../rule_text.ts";

function setOf(match: string, kinds = "[command]"): RuleSet {
  return RuleSet.compile(rulesOf(ruleText({ match, applies_to: kinds })));
}

function command(match: string, text: string): string | undefined {
  return setOf(match).match("command", { command_text: text })[0]?.hit.matched;
}

for (
  const [match, text, matched] of [
    ["{ pattern: '\\bfind\\s+/' }", "cd /; find  / -name x", "find  /"],
    ["{ pattern: '(?i)WGET' }", "WgEt http", "WgEt"],
    ["{ pattern: '(?i)skip' }", "\u017f\u212aip", "\u017f\u212aip"],
    ["{ pattern: '^$' }", "", ""],
    ["{ pattern: 'a' }", "b", undefined],
    ["{ equals: id }", "id", "id"],
    ["{ equals: id }", "id ", undefined],
    ["{ equals: ID, ignore_case: true }", "iD", "iD"],
    ["{ contains: /etc/ }", "cat /etc/passwd", "/etc/"],
    ["{ contains: ETC, ignore_case: true }", "cat /etc/passwd", "etc"],
    ["{ starts_with: 'cat ' }", "cat /etc/passwd", "cat "],
    ["{ starts_with: etc }", "cat /etc/passwd", undefined],
    ["{ ends_with: passwd }", "cat /etc/passwd", "passwd"],
    ["{ ends_with: cat }", "cat /etc/passwd", undefined],
    ["{ in: [w, id] }", "id", "id"],
    ["{ in: [w, id] }", "who", undefined],
    ["{ any: [{ pattern: curl }, { contains: wget }] }", "wget x", "wget"],
    ["{ any: [{ pattern: curl }, { contains: wget }] }", "fetch x", undefined],
    ["{ all: [{ pattern: curl }, { contains: ' -o' }] }", "curl x -o y", "curl"],
    ["{ all: [{ pattern: curl }, { contains: ' -o' }] }", "curl x", undefined],
    ["{ pattern: curl, none: [{ contains: localhost }] }", "curl x", "curl"],
    ["{ pattern: curl, none: [{ contains: localhost }] }", "curl localhost", undefined],
    [
      "{ pattern: a1, all: [{ pattern: b1 }], any: [{ pattern: c1 }, { pattern: d1 }] }",
      "d1b1a1",
      "a1",
    ],
    [
      "{ pattern: a1, all: [{ pattern: b1 }], any: [{ pattern: c1 }, { pattern: d1 }] }",
      "a1b1",
      undefined,
    ],
  ] as const
) {
  Deno.test(`${match} on ${JSON.stringify(text)} finds ${JSON.stringify(matched)}`, () => {
    assert.equal(command(match, text), matched);
  });
}

Deno.test("a missing or non-string field never matches", () => {
  const set = setOf("{ any: [{ pattern: '.*' }, { field: user, equals: '' }] }");
  for (
    const payload of [{}, { command_text: 3 }, { command_text: null }, { command_text: ["a"] }]
  ) {
    assert.deepEqual(set.match("command", payload), []);
  }
});

Deno.test("a kind that is prepared before its first event matches as it does without", () => {
  const [prepared, plain] = [setOf("{ pattern: 'wg(et)' }"), setOf("{ pattern: 'wg(et)' }")];
  for (const kind of ["command", "command", "payload"] as const) prepared.prepare(kind);
  for (const text of ["wget x", "curl x"]) {
    const payload = { command_text: text };
    const hits = prepared.match("command", payload).map(({ hit }) => hit);
    assert.deepEqual(hits, plain.match("command", payload).map(({ hit }) => hit));
    assert.deepEqual(prepared.match("payload", payload), []);
  }
  assert.equal(plain.match("command", { command_text: "wget x" }).length, 1);
});

Deno.test("every kind has its own default field", () => {
  const kinds: readonly (readonly [SourceKind, string])[] = [
    ["command", "command_text"],
    ["http_request", "raw_url"],
    ["email", "subject"],
    ["intel", "verdict"],
    ["canary_fingerprint", "ua_signature"],
    ["auth_attempt", "username"],
    ["payload", "payload_text"],
  ];
  for (const [kind, field] of kinds) {
    const set = setOf("{ pattern: needle }", `[${kind}]`);
    assert.equal(set.match(kind, { [field]: "a needle" })[0]?.hit.field, field);
    assert.deepEqual(set.match(kind, { other: "a needle" }), []);
  }
});

Deno.test("fields of objects and lists can be looked at by name and all together", () => {
  const set = setOf(
    "{ any: [{ field: headers.user-agent, contains: sqlmap }, { field: 'headers.*', pattern: 'jndi:' }] }",
    "[http_request]",
  );
  const fields = (headers: unknown) =>
    set.match("http_request", { headers }).map(({ hit }) => hit.field);
  assert.deepEqual(fields({ "User-Agent": "sqlmap/1" }), ["headers.user-agent"]);
  assert.deepEqual(fields({ host: "a", "x-api": "${jndi:ldap}" }), ["headers.*"]);
  assert.deepEqual(fields(["a", "jndi:"]), ["headers.*"]);
  assert.deepEqual(fields({ host: "sqlmap" }), []);
  assert.deepEqual(fields("jndi:"), []);
});

Deno.test("matches come in id order, rules of other kinds stay out", () => {
  const set = RuleSet.compile(rulesOf(
    ruleText({ rule_id: "R0003", match: "{ pattern: a }" }),
    ruleText({ rule_id: "R0001", match: "{ pattern: abc }" }),
    ruleText({ rule_id: "R0002", match: "{ pattern: abc }", applies_to: "[payload]" }),
    ruleText({ rule_id: "Own", match: "{ contains: bc }" }),
  ));
  const ids = set.match("command", { command_text: "abc" }).map(({ rule }) =>
    rule.document.rule_id
  );
  assert.deepEqual(ids, ["Own", "R0001", "R0003"]);
  assert.deepEqual(set.rules.map(({ document }) => document.rule_id), [
    "Own",
    "R0001",
    "R0002",
    "R0003",
  ]);
  assert.equal(set.get("R0002")?.document.name, "sample_rule");
  assert.equal(set.get("R9999"), undefined);
});

Deno.test("rules for detectors are listed by kind and never matched by pattern", () => {
  const set = setOf("{ kind: 'lifter:intel_feodo' }", "[intel, session]");
  assert.equal(set.lifterRules("intel").length, 1);
  assert.equal(set.lifterRules("command").length, 0);
  assert.deepEqual(set.match("intel", { verdict: "lifter" }), []);
});

Deno.test("an event without a match gets the same frozen empty list every time", () => {
  const set = setOf("{ pattern: wget }");
  const first = set.match("command", { command_text: "ls" });
  assert.equal(first, set.match("command", { command_text: "ls -l" }));
  assert.equal(first, set.match("intel", {}));
  assert.ok(Object.isFrozen(first));
});

Deno.test("text behind the first 64 KiB is not matched, and a hit on a cut text says so", () => {
  const set = setOf("{ any: [{ pattern: ^wget }, { pattern: curl }] }");
  const long = "x".repeat(64 * 1024);
  assert.deepEqual(set.match("command", { command_text: `${long}curl` }), []);
  const [match] = set.match("command", { command_text: `wget ${long}` });
  assert.equal(match?.hit.truncated, true);
  const [short] = set.match("command", { command_text: "wget" });
  assert.ok(short !== undefined && !("truncated" in short.hit));
});

Deno.test("what matched is cut to 256 characters, its place is not", () => {
  const [match] = setOf("{ pattern: 'a.*' }").match("command", {
    command_text: `b${"a".repeat(999)}`,
  });
  assert.equal(match?.hit.matched.length, 256);
  assert.deepEqual([match?.hit.start, match?.hit.end], [1, 1000]);
});

Deno.test("obfuscated words match, marked, and plain ones stay unmarked", () => {
  const set = setOf("{ pattern: '\\bwget\\s+http' }");
  const hit = (text: string) => set.match("command", { command_text: text })[0]?.hit;
  for (
    const text of [
      "w'g'et http://a",
      "w\\get${IFS}http://a",
      "$'\\x77get' http://a",
      "wg\\\net http://a",
    ]
  ) {
    assert.equal(hit(text)?.normalised, true, text);
    assert.equal(hit(text)?.matched, "wget http");
  }
  assert.ok(!("normalised" in (hit("wget http://'a'") ?? {})));
  const payloads = setOf("{ pattern: '\\bwget\\s+http' }", "[payload]");
  assert.deepEqual(payloads.match("payload", { payload_text: "w'g'et http://a" }), []);
});

Deno.test("command conditions read each text once and only when a candidate asks", () => {
  const read: string[] = [];
  const commands: CommandMatcher<string> = {
    read: (text) => {
      read.push(text);
      return text;
    },
    compile: ({ program = [] }) => ({
      minLength: 0,
      requires: [program],
      find: (reading: string) => {
        const start = reading.indexOf(program[0] ?? "");
        return start < 0 ? undefined : { start, end: reading.length };
      },
    }),
    resolved: () => undefined,
    decode: (text) => text.startsWith("echo ") ? [text.slice(5)] : [],
  };
  const set = RuleSet.compile(
    rulesOf(
      ruleText({ rule_id: "R1", match: "{ command: { program: [wget] } }" }),
      ruleText({
        rule_id: "R2",
        match: "{ any: [{ command: { program: [wget] } }, { pattern: zzz }] }",
      }),
      ruleText({
        rule_id: "R3",
        match: "{ command: { program: [curl] }, none: [{ pattern: local }] }",
      }),
      ruleText({ rule_id: "R4", match: "{ pattern: '^wget' }" }),
    ),
    { commands },
  );
  const match = (text: string) => set.match("command", { command_text: text });
  assert.deepEqual(match("ls"), []);
  assert.deepEqual(read, []);
  assert.deepEqual(match("x wget").map(({ rule }) => rule.document.rule_id), ["R1", "R2"]);
  assert.deepEqual(read, ["x wget"]);
  assert.deepEqual(match("curl local"), []);
  const [, , decoded] = match("echo wget");
  assert.deepEqual([decoded?.rule.document.rule_id, decoded?.hit.decoded], ["R4", true]);
});

Deno.test("an id that stands twice cannot be compiled", () => {
  assert.throws(() => RuleSet.compile(rulesOf(ruleText(), ruleText())), (error) => {
    assert.ok(error instanceof RuleError);
    assert.match(error.message, /R0900.*stands in rule0.yaml too/);
    return true;
  });
});

Deno.test("patterns with look-arounds run on the first 4 KiB when they are compiled at all", () => {
  const rules = rulesOf(ruleText({ match: "{ pattern: '(?i)FIND(?! /tmp)' }" }));
  assert.throws(() => RuleSet.compile(rules), RuleError);
  const set = RuleSet.compile(rules, { allowBacktracking: true });
  const matches = (text: string) => set.match("command", { command_text: text }).length;
  assert.equal(matches("find /"), 1);
  assert.equal(matches("find /tmp"), 0);
  assert.equal(matches(`${" ".repeat(4096)}find /`), 0);
});
