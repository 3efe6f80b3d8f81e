import assert from "assert";
import { overlay, reload } from "../../../lib/rules/overlay.ts";
import { formatProblem } from "../../../lib/rules/format/problem.ts";
import { ATTACK } from "../rule_store_contract.ts";
import { rulesOf, ruleText } from "../rule_text.ts";

const BASE = { rules: rulesOf(ruleText({ rule_id: "R0901" })), intel: [] };
const CONTEXT = { lifters: () => [], now: new Date("2026-06-01T00:00:00Z") };

const lay = (text: string) =>
  overlay(BASE, [{ name: "own/exceptions.yaml", text }], ATTACK, CONTEXT);

Deno.test("exceptions are read from a list, and one need not stand in one", () => {
  const expected = [{ rules: ["R0901"], attacker_ip: ["203.0.113.0/24"], reason: "scanner" }];
  const entry = "{ rules: R0901, attacker_ip: 203.0.113.0/24, reason: scanner }";
  for (const text of [entry, `- ${entry}\n`]) {
    const { pack, problems } = lay(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(pack.exceptions, expected);
  }
});

const FAULTS: readonly [text: string, expected: RegExp][] = [
  ["- { attacker_ip: 203.0.113.1 }", /error own\/exceptions.yaml:1:\d+ .*rules is missing/],
  ["- { rules: [R0901] }", /error .*must have one of attacker_ip, decky_id and command/],
  ["- { rules: [R0901], attacker_ip: [203.0.113.0/40] }", /error .*1:35.*must be an address/],
  ["- { rules: [R0901], attacker_ip: [example.org] }", /error .*must be an address/],
  ["- { rules: [R0901], command: 'a(?=b)' }", /error .*1:32.*look-ahead/],
  ["- { rules: [R0901], command: '(' }", /error .*not valid RE2/],
  ["- { rules: [R0901], decky_id: [a], expires_at: soon }", /error .*must be a date or a time/],
  ["- { rules: [R0901], decky_id: [a], until: 2026-01-01 }", /error .*until is not a field/],
  ["- { rules: [], decky_id: [a] }", /error .*at least one entry/],
  ["nonsense", /error .*must be an object/],
  ["- { rules: [R0999], decky_id: [a] }", /warning .*no rule has an id like R0999/],
  ["- { rules: ['*'], decky_id: [a], expires_at: 2026-01-01 }", /warning .*no longer holds/],
];

for (const [text, expected] of FAULTS) {
  Deno.test(`a fault in ${text} is told with its place`, () => {
    const { problems } = lay(text);
    const told = problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`);
    assert.match(told.join("\n"), expected);
  });
}

Deno.test("a reload takes new exceptions, tells of it, and keeps the old ones while the file is wrong", () => {
  const file = (text: string) => [{ name: "exceptions.yaml", text }];
  const first = reload(BASE, BASE, file("- { rules: ['*'], decky_id: [a] }"), ATTACK, CONTEXT);
  assert.deepEqual(first.changes.map(({ kind, change }) => [kind, change]), [[
    "exceptions",
    "added",
  ]]);
  const broken = reload(BASE, first.pack, file("- { rules: ["), ATTACK, CONTEXT);
  assert.deepEqual(broken.pack.exceptions, first.pack.exceptions);
  assert.deepEqual(broken.changes.map(({ kind, change }) => [kind, change]), [[
    "exceptions",
    "rejected",
  ]]);
  const gone = reload(BASE, first.pack, [], ATTACK, CONTEXT);
  assert.deepEqual(gone.pack.exceptions, []);
  assert.deepEqual(gone.changes.map(({ kind, change }) => [kind, change]), [[
    "exceptions",
    "removed",
  ]]);
  const same = reload(
    BASE,
    first.pack,
    file("- { rules: ['*'], decky_id: [a] }"),
    ATTACK,
    CONTEXT,
  );
  assert.deepEqual(same.changes, []);
});

Deno.test("the exceptions of a rule are proven with it", () => {
  const text = ruleText({
    rule_id: "R0902",
    except: "[{ name: own, match: { field: comand_text, pattern: 'a(?!b)' } }]",
  });
  const { problems } = overlay(BASE, [{ name: "r.yaml", text }], ATTACK, CONTEXT);
  assert.deepEqual(problems.map(({ code }) => code).sort(), [
    "backtracking",
    "unknown_payload_field",
  ]);
});
