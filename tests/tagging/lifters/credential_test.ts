import assert from "assert";
import type { SourceKind } from "../../../lib/rules/source_kind.ts";
import { CREDENTIAL_LIFTER } from "../../../lib/tagging/lifters/credential.ts";
import type { Payload } from "../../../lib/tagging/event.ts";
import type { Evidence } from "../../../lib/tagging/tag.ts";
import { eventOf, evidenceBy, packTagger } from "../pack_tagger.ts";

const SHOWN: readonly [rule: string, kind: SourceKind, payload: Payload, shown: Evidence][] = [
  ["R0001", "auth_attempt", { fail_count: 7, service: "ssh", username: "root" }, {
    fail_count: 7,
    service: "ssh",
    username: "root",
  }],
  ["R0002", "auth_attempt", { password_count: 5, username: "pi" }, {
    password_count: 5,
    username: "pi",
  }],
  ["R0004", "credential", { credential_hash: "h", reuse_count: 2, services: ["ssh", 7] }, {
    reuse_count: 2,
    services: ["ssh"],
  }],
  ["R0005", "auth_attempt", { result: "success", prior_brute: true, username: "root" }, {
    result: "success",
    prior_brute: true,
    username: "root",
  }],
  ["R0006", "auth_attempt", { username: "root", password: "", result: "failure" }, {
    username: "root",
    result: "failure",
  }],
];

for (const [rule, kind, payload, shown] of SHOWN) {
  Deno.test(`${rule} shows ${Object.keys(shown).join(", ")} of ${JSON.stringify(payload)}`, () => {
    const evidence = evidenceBy(rule, kind, payload);
    assert.deepEqual({ ...evidence }, { ...shown });
  });
}

Deno.test("what an attacker logged in with is in no evidence, hashed or not", () => {
  const payload = {
    username: "root",
    password: "root",
    password_hash: "zqxsecret-hash",
    credential_hash: "zqxsecret-credential",
    fail_count: 9,
    password_count: 9,
    reuse_count: 3,
    result: "success",
    prior_brute: true,
  };
  for (const kind of CREDENTIAL_LIFTER.sourceKinds) {
    const { tags } = packTagger().tag(eventOf(kind, payload));
    assert.ok(tags.length > 0);
    assert.doesNotMatch(JSON.stringify(tags), /zqxsecret|"password"/);
  }
});

Deno.test("a pair of credentials is divided at its first colon, so that passwords may hold one", () => {
  const defaults = CREDENTIAL_LIFTER.predicates["credential_default_credentials"]!;
  const match = {
    kind: "lifter:credential_default_credentials",
    pairs: ["admin:a:b", ["x:y", "z"]],
  } as const;
  const matches = (username: string, password: string) =>
    defaults(match, { sourceKind: "auth_attempt", payload: { username, password } }) !== undefined;
  assert.ok(matches("admin", "a:b"));
  assert.ok(matches("x:y", "z"));
  assert.ok(!matches("admin:a", "b"));
  assert.ok(!matches("x", "y:z"));
});
