import assert from "assert";
import { RuleSet } from "../../lib/rules/run/rule_set.ts";
import { taggerEvents } from "../../lib/tagging/payload_events.ts";
import { rulesOf, ruleText } from "../rules/rule_text.ts";

const SESSION = {
  session_id: "s1",
  attacker_uuid: "a1",
  attacker_ip: "192.0.2.7",
  decky_id: "web-1",
  service: "ssh",
  auth_attempts: [
    { username: "root", result: "failure" },
    { username: "admin", result: "success" },
    { result: "failure" },
  ],
  commands: ["id", { command_text: "w", username: "other", attacker_ip: 7 }],
  http_requests: [{ raw_url: "/" }],
  payloads: [{ payload_text: "p" }],
};

const events = taggerEvents("attacker.session.ended", undefined, SESSION);

Deno.test("every child says where it comes from and who is logged in", () => {
  for (const { sourceKind, payload } of events.slice(1)) {
    const { attacker_ip, decky_id, service, username } = payload;
    assert.deepEqual([attacker_ip, decky_id, service], ["192.0.2.7", "web-1", "ssh"], sourceKind);
    if (sourceKind !== "auth_attempt") assert.ok(username === "admin" || username === "other");
  }
});

Deno.test("what a child says itself counts", () => {
  const texts = events.filter(({ sourceKind }) => sourceKind === "command");
  assert.deepEqual(texts.map(({ payload }) => payload["username"]), ["admin", "other"]);
});

Deno.test("an attempt without a name gets none from another attempt", () => {
  const nameless = events.find(({ sourceId }) => sourceId === "s1#auth2");
  assert.equal(nameless?.payload["username"], undefined);
});

Deno.test("a session that names its user itself is believed before its logins", () => {
  const [, command] = taggerEvents("attacker.session.ended", undefined, {
    ...SESSION,
    username: "pi",
  });
  assert.equal(command?.payload["username"], "pi");
});

Deno.test("a rule for commands can ask for the address, the service and the user", () => {
  const set = RuleSet.compile(rulesOf(ruleText({
    match: "{ all: [{ pattern: ^id }, { field: attacker_ip, starts_with: 192.0.2. }, " +
      "{ field: service, equals: ssh }, { field: username, equals: admin }] }",
  })));
  const matched = events.filter(({ sourceKind, payload }) =>
    set.match(sourceKind, payload).length > 0
  );
  assert.deepEqual(matched.map(({ sourceId }) => sourceId), ["s1#cmd0"]);
});
