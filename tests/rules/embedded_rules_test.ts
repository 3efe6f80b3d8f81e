import { EmbeddedRules } from "../../lib/rules/embedded_rules.ts";
import { ATTACK, testRuleStoreContract } from "./rule_store_contract.ts";
import { rulesOf } from "./rule_text.ts";

testRuleStoreContract("the embedded store", (texts, context) => {
  const rules = new EmbeddedRules({ rules: rulesOf(...texts), intel: [] }, ATTACK, context);
  return Promise.resolve({ rules, [Symbol.asyncDispose]: async () => {} });
});
