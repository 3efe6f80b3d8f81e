import assert from "assert";
import { RuleSet } from "../../lib/rules/run/rule_set.ts";
import { rulesOf, ruleText } from "../rules/rule_text.ts";
import { eventOf, packTagger } from "./pack_tagger.ts";

const RULES = rulesOf(
  ruleText({ rule_id: "R0901", match: "{ pattern: '^id' }" }),
  ruleText({
    rule_id: "R0902",
    applies_to: "[http_request]",
    match: "{ kind: 'lifter:behavioral_credentials_in_files', paths: ['.env'] }",
    except: "[{ name: own_health_check, match: { field: user_agent, equals: our-check } }]",
  }),
);

function tagging(
  kind: "command" | "http_request",
  payload: Readonly<Record<string, unknown>>,
) {
  const set = RuleSet.compile(RULES, {
    exceptions: [{ rules: ["R0901"], attacker_ip: ["203.0.113.0/24"] }],
  });
  const { tags, suppressed } = packTagger({ rules: () => set }).tag(eventOf(kind, payload));
  return [tags.map(({ ruleId }) => ruleId), suppressed.map(({ reason }) => reason)];
}

Deno.test("a match that is excepted gives no tag and is counted", () => {
  const payload = { command_text: "id" };
  assert.deepEqual(tagging("command", { ...payload, attacker_ip: "198.51.100.1" }), [
    ["R0901"],
    [],
  ]);
  assert.deepEqual(tagging("command", { ...payload, attacker_ip: "203.0.113.7" }), [[], [
    "excepted",
  ]]);
});

Deno.test("the exception of a rule for a detector in code holds too", () => {
  const payload = { raw_url: "/.env" };
  assert.deepEqual(tagging("http_request", payload), [["R0902"], []]);
  assert.deepEqual(tagging("http_request", { ...payload, user_agent: "our-check" }), [[], [
    "excepted",
  ]]);
});
