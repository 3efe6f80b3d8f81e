import assert from "assert";
import type { OperatorException } from "../../../lib/rules/format/exceptions.ts";
import { RuleSet } from "../../../lib/rules/run/rule_set.ts";
import { rulesOf, ruleText } from "../rule_text.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

const RULES = rulesOf(
  ruleText({
    rule_id: "R0901",
    match: "{ pattern: '(?i)wget' }",
    except: "[{ name: own_mirror, match: { contains: mirror.example.org } }, " +
      "{ name: both, match: { all: [{ pattern: -q }, { field: user, equals: backup }] } }]",
  }),
  ruleText({ rule_id: "R0902", match: "{ pattern: '(?i)wget' }" }),
);

function found(payload: Readonly<Record<string, unknown>>, ...exceptions: OperatorException[]) {
  const set = RuleSet.compile(RULES, { exceptions });
  return set.match("command", payload).map(({ rule }) => {
    const hit = set.exceptions.find(rule, "command", payload, NOW);
    return hit === undefined ? rule.document.rule_id : `${hit.from} ${hit.name}`;
  });
}

const CASES: readonly [
  about: string,
  payload: Readonly<Record<string, unknown>>,
  exceptions: readonly OperatorException[],
  expected: readonly string[],
][] = [
  ["without any", { command_text: "wget a" }, [], ["R0901", "R0902"]],
  ["of the rule's own", { command_text: "wget mirror.example.org" }, [], [
    "rule own_mirror",
    "R0902",
  ]],
  ["hidden by quotes", { command_text: "w'g'et mirror.ex''ample.org" }, [], [
    "rule own_mirror",
    "R0902",
  ]],
  ["whose parts hold in part", { command_text: "wget -q a", user: "root" }, [], [
    "R0901",
    "R0902",
  ]],
  ["whose parts all hold", { command_text: "wget -q a", user: "backup" }, [], [
    "rule both",
    "R0902",
  ]],
  [
    "by address",
    { command_text: "wget a", attacker_ip: "203.0.113.9" },
    [{ rules: ["R09*"], attacker_ip: ["203.0.113.0/24"], reason: "our scanner" }],
    ["operator our scanner", "operator our scanner"],
  ],
  [
    "by another address",
    { command_text: "wget a", attacker_ip: "203.0.114.9" },
    [{ rules: ["R09*"], attacker_ip: ["203.0.113.0/24"] }],
    ["R0901", "R0902"],
  ],
  [
    "by an address where there is none",
    { command_text: "wget a", attacker_ip: 7 },
    [{ rules: ["R09*"], attacker_ip: ["0.0.0.0/0"] }],
    ["R0901", "R0902"],
  ],
  [
    "by decoy and command, for one rule",
    { command_text: "wget a", decky_id: "web-1" },
    [{ rules: ["R0902"], decky_id: ["web-1", "web-2"], command: "^wget" }],
    ["R0901", "operator exceptions.yaml"],
  ],
  [
    "of which one part does not hold",
    { command_text: "wget a", decky_id: "web-1" },
    [{ rules: ["R0902"], decky_id: ["web-1"], command: "^curl" }],
    ["R0901", "R0902"],
  ],
  [
    "that has expired",
    { command_text: "wget a", decky_id: "web-1" },
    [{ rules: ["*"], decky_id: ["web-1"], expires_at: "2026-05-31" }],
    ["R0901", "R0902"],
  ],
  [
    "that expires later",
    { command_text: "wget a", decky_id: "web-1" },
    [{ rules: ["*"], decky_id: ["web-1"], expires_at: "2026-06-01T00:00:01Z" }],
    ["operator exceptions.yaml", "operator exceptions.yaml"],
  ],
];

for (const [about, payload, exceptions, expected] of CASES) {
  Deno.test(`an exception ${about}`, () => {
    assert.deepEqual(found(payload, ...exceptions), expected);
  });
}

Deno.test("an exception for commands does not hold for other kinds of events", () => {
  const rules = rulesOf(ruleText({ applies_to: "[http_request]", match: "{ contains: wget }" }));
  const set = RuleSet.compile(rules, { exceptions: [{ rules: ["*"], command: "wget" }] });
  const payload = { raw_url: "/wget", command_text: "wget" };
  assert.equal(set.match("http_request", payload).length, 1);
  assert.equal(set.exceptions.find(rules[0]!, "http_request", payload, NOW), undefined);
});

Deno.test("the exceptions of a rule are listed while they last", () => {
  const set = RuleSet.compile(RULES, {
    exceptions: [
      { rules: ["R0902"], decky_id: ["a"], reason: "old", expires_at: "2026-01-01" },
      { rules: ["R0902"], decky_id: ["a"], reason: "new" },
    ],
  });
  const [first, second] = RULES;
  assert.deepEqual(set.exceptions.of(first!, NOW).map(({ name }) => name), ["own_mirror", "both"]);
  assert.deepEqual(set.exceptions.of(second!, NOW), [{ from: "operator", name: "new" }]);
});
