import assert from "assert";
import type { RuleDocument } from "../../lib/rules/format/document.ts";
import { lifterFaults, LIFTERS, predicatesByKind } from "../../lib/tagging/registry.ts";

const EMITS = [{ tactic: "TA0006", technique_id: "T1110", confidence: 0.9 }];

function faultsOf(
  match: RuleDocument["match"],
  applies_to: RuleDocument["applies_to"] = ["auth_attempt"],
  emits: RuleDocument["emits"] = EMITS,
): readonly string[] {
  return lifterFaults({ match, applies_to, emits });
}

Deno.test("a rule with patterns has nothing to do with lifters", () => {
  assert.deepEqual(faultsOf({ pattern: "x" }, ["command"]), []);
});

const FAULTS: readonly [name: string, faults: readonly string[], expected: RegExp][] = [
  ["an unknown detector", faultsOf({ kind: "lifter:nobody" }), /there is no lifter:nobody/],
  ["an inherited name", faultsOf({ kind: "lifter:toString" }), /there is no lifter:toString/],
  [
    "a kind of event that the detector does not look at",
    faultsOf({ kind: "lifter:credential_reuse" }, ["credential", "email"]),
    /does not look at email events, only at auth_attempt, credential/,
  ],
  [
    "a threshold that is no number",
    faultsOf({ kind: "lifter:credential_auth_brute_generic", fail_threshold: "5" }),
    /"fail_threshold" of .* must be a number/,
  ],
  [
    "a list that is missing",
    faultsOf({ kind: "lifter:credential_default_credentials" }),
    /needs the parameter "pairs"/,
  ],
  [
    "a pair that is none",
    faultsOf({ kind: "lifter:credential_default_credentials", pairs: ["root"] }),
    /must be a list of pairs/,
  ],
  [
    "a flag that is a text",
    faultsOf({ kind: "lifter:credential_valid_account_use", require_prior_brute: "yes" }),
    /must be true or false/,
  ],
  [
    "a pattern that RE2 refuses",
    faultsOf({ kind: "lifter:behavioral_data_destruction", patterns: ["(?=x)"] }, ["session"]),
    /"\(\?=x\)", which RE2 refuses/,
  ],
  [
    "texts of another shape",
    faultsOf({ kind: "lifter:c2_fingerprint", hashes: { sliver: "x" } }, ["jarm"]),
    /must be a list of texts, or lists of texts by name/,
  ],
  [
    "nothing to emit",
    faultsOf({ kind: "lifter:credential_reuse" }, ["credential"], []),
    /needs at least one entry in emits/,
  ],
  [
    "something to emit where tags are raised",
    faultsOf({ kind: "lifter:intel_aggregate_bump" }, ["intel"]),
    /raises tags that are there/,
  ],
];

for (const [name, faults, expected] of FAULTS) {
  Deno.test(`a rule for a lifter with ${name} is refused in one sentence`, () => {
    assert.equal(faults.length, 1);
    assert.match(faults[0]!, expected);
  });
}

Deno.test("parameters that a detector does not know are left to other programs", () => {
  const match = { kind: "lifter:credential_reuse", window_s: 300 } as const;
  assert.deepEqual(faultsOf(match, ["credential"]), []);
});

Deno.test("no two lifters share the name of a detector", () => {
  const names = LIFTERS.flatMap(({ predicates }) => Object.keys(predicates));
  assert.equal(predicatesByKind(LIFTERS).size, names.length);
});
