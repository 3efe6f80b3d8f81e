import assert from "assert";
import fc from "fast-check";
import { KNOWN_SOURCE_KINDS } from "../../lib/rules/source_kind.ts";
import type { Payload } from "../../lib/tagging/event.ts";
import { eventParts, sourceKindOf, taggerEvents } from "../../lib/tagging/payload_events.ts";

const SESSION = "attacker.session.ended";

for (
  const [subject, type, kind] of [
    ["attacker.session.ended", "session.ended", "session"],
    ["attacker.observed", "observed", "session"],
    ["attacker.intel.enriched", "intel.enriched", "intel"],
    ["attacker.fingerprinted", "ipv6_leak", "ipv6_leak"],
    ["attacker.fingerprinted", "attacker.fingerprinted.jarm", "jarm"],
    ["attacker.fingerprinted", "http_fingerprint", "http_fingerprint"],
    ["attacker.fingerprinted", "hassh", "hassh"],
    ["attacker.fingerprinted", "command", undefined],
    ["attacker.fingerprinted", undefined, undefined],
    ["identity.formed", "formed", "identity"],
    ["identity.merged", "merged", "identity"],
    ["credential.reuse.detected", "reuse.detected", "credential"],
    ["email.received", "received", "email"],
    ["canary.tok-1.triggered", "tok-1.triggered", "canary_fingerprint"],
    ["canary.tok-1.placed", "tok-1.placed", undefined],
    ["canary.tok-1.revoked", "tok-1.revoked", undefined],
    ["canary.a.b.triggered", "triggered", undefined],
    ["toString", "x", undefined],
  ] as const
) {
  Deno.test(`a message on ${subject} of type ${type} becomes ${kind ?? "nothing"}`, () => {
    assert.equal(sourceKindOf(subject, type), kind);
  });
}

for (
  const [payload, expected] of [
    [{ source_id: "a", session_id: "b" }, "a"],
    [{ session_id: "b", token_id: "c" }, "b"],
    [{ token_id: "c", identity_uuid: "d" }, "c"],
    [{ identity_uuid: "d", credential_id: "e" }, "d"],
    [{ credential_id: "e", attacker_uuid: "f" }, "e"],
    [{ trigger_id: "n", token_id: "c" }, "n"],
    [{ id: "k", attacker_uuid: "f" }, "k"],
    [{ attacker_uuid: "f", uuid: "g" }, "f"],
    [{ uuid: "g" }, "g"],
    [{ session_id: 42 }, "42"],
    [{ session_id: { a: 1 }, attacker_uuid: "f" }, "f"],
    [{ session_id: "", attacker_uuid: "f" }, "f"],
    [{ session_id: "x".repeat(1025), attacker_uuid: "f" }, "f"],
    [{}, SESSION],
  ] as const
) {
  const shown = JSON.stringify(payload).slice(0, 60);
  Deno.test(`the source id of ${shown} is ${expected}`, () => {
    assert.equal(taggerEvents(SESSION, undefined, payload)[0]?.sourceId, expected);
  });
}

for (
  const [subject, type, payload, ts, expected] of [
    [
      "attacker.fingerprinted",
      "jarm",
      { attacker_ip: "198.51.100.7", port: 8443, jarm: "2ad2" },
      1.5,
      "198.51.100.7:8443:2ad2",
    ],
    [
      "attacker.fingerprinted",
      "hassh",
      { attacker_ip: "198.51.100.7", hassh: "b12d" },
      1.5,
      "198.51.100.7::b12d",
    ],
    [
      "attacker.fingerprinted",
      "ipv6_leak",
      { attacker_ip: "198.51.100.7" },
      1.5,
      "attacker.fingerprinted:198.51.100.7:1.5",
    ],
    [
      "attacker.observed",
      "observed",
      { attacker_ip: "198.51.100.7" },
      17,
      "attacker.observed:198.51.100.7:17",
    ],
    [
      "attacker.observed",
      "observed",
      { attacker_ip: "198.51.100.7" },
      undefined,
      "attacker.observed:198.51.100.7:",
    ],
  ] as const
) {
  Deno.test(`without an id of its own an event on ${subject} is called ${expected}`, () => {
    assert.equal(eventParts(subject, type, payload, { ts })?.base.sourceId, expected);
  });
}

for (
  const [id, expected] of [
    [1, "sess-9#cmd:1"],
    ["1", "sess-9#cmd:1"],
    ["sess-9#4", "sess-9#4"],
    ["cmd_42", "cmd_42"],
    ["0123456789abcdef", "0123456789abcdef"],
    ["0123456789abcde", "sess-9#cmd:0123456789abcde"],
    ["7f3c1a52-0000-4000-8000-00000000000a", "7f3c1a52-0000-4000-8000-00000000000a"],
  ] as const
) {
  Deno.test(`a command with the id ${JSON.stringify(id)} is called ${expected}`, () => {
    const [, command] = taggerEvents(SESSION, undefined, {
      session_id: "sess-9",
      commands: [{ id, command_text: "id" }],
    });
    assert.equal(command?.sourceId, expected);
  });
}

Deno.test("a session gives itself and its parts, each with the session's anchors", () => {
  const events = taggerEvents(SESSION, "session.ended", {
    session_id: "s1",
    attacker_uuid: "att",
    identity_uuid: "ide",
    decky_id: "web",
    service: "ssh",
    commands: ["id", { text: "w", id: "c9" }, { command_text: "ls", uuid: "u9", uid: "0" }, {
      command_text: 5,
    }, "ps"],
    http_requests: [{ raw_url: "/" }, "no object", { id: "r9" }],
    auth_attempts: [{ username: "root", password: "x", result: "failure" }],
    payloads: [{ payload_text: "p" }],
  });
  assert.deepEqual(events.map((event) => [event.sourceKind, event.sourceId]), [
    ["session", "s1"],
    ["command", "s1#cmd0"],
    ["command", "s1#cmd:c9"],
    ["command", "s1#cmd:u9"],
    ["command", "s1#cmd4"],
    ["http_request", "s1#http0"],
    ["http_request", "s1#http:r9"],
    ["auth_attempt", "s1#auth0"],
    ["payload", "s1#payload0"],
    ["auth_attempt", "s1#auth:ssh"],
    ["auth_attempt", "s1#auth:ssh:root"],
  ]);
  for (const event of events) {
    assert.equal(event.attackerUuid, "att");
    assert.equal(event.identityUuid, "ide");
    assert.equal(event.sessionId, "s1");
    assert.equal(event.deckyId, "web");
  }
});

Deno.test("a command's text is found under either name and its other fields are kept", () => {
  const [, fromText, fromString] = taggerEvents(SESSION, undefined, {
    session_id: "s",
    commands: [{ text: "w", user: "root" }, "id"],
  });
  assert.deepEqual(fromText?.payload, { text: "w", command_text: "w", user: "root" });
  assert.deepEqual(fromString?.payload, { command_text: "id" });
});

Deno.test("an attempt without a service was made on the session's", () => {
  const [, attempt] = taggerEvents(SESSION, undefined, {
    service: "telnet",
    auth_attempts: [{ username: "root" }],
  });
  assert.equal(attempt?.payload["service"], "telnet");
});

Deno.test("sessions alone are fanned out, those that are only observed too", () => {
  const kinds = (subject: string) =>
    taggerEvents(subject, "x", { commands: ["id"] }).map((event) => event.sourceKind);
  assert.deepEqual(kinds("attacker.observed"), ["session", "command"]);
  assert.deepEqual(kinds("email.received"), ["email"]);
});

const hostilePayload = fc.dictionary(
  fc.constantFrom(
    "session_id",
    "attacker_uuid",
    "commands",
    "http_requests",
    "auth_attempts",
    "payloads",
    "service",
  ),
  fc.oneof(
    fc.jsonValue(),
    fc.array(fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom("command_text", "id", "ts", "username", "password", "result", "service"),
        fc.jsonValue(),
      ),
    )),
  ),
) as fc.Arbitrary<Payload>;

Deno.test("any payload gives events of known kinds with stable text ids, never an error", () => {
  fc.assert(fc.property(hostilePayload, (payload) => {
    const events = taggerEvents(SESSION, undefined, payload);
    for (const event of events) {
      assert.ok(KNOWN_SOURCE_KINDS.includes(event.sourceKind));
      assert.equal(typeof event.sourceId, "string");
      assert.notEqual(event.sourceId, "");
    }
    const again = taggerEvents(SESSION, undefined, structuredClone(payload));
    assert.deepEqual(events.map((e) => e.sourceId), again.map((e) => e.sourceId));
  }));
});

for (
  const [what, lengths, limit, kept, beyond] of [
    ["fits", [3, 2, 0, 1], 6, [3, 2, 0, 1], 0],
    ["one list is far too long", [100, 2, 0, 1], 20, [17, 2, 0, 1], 83],
    ["all are too long", [100, 100, 0, 100], 9, [3, 3, 0, 3], 291],
    ["nothing is allowed", [5, 0, 0, 5], 0, [0, 0, 0, 0], 10],
  ] as const
) {
  Deno.test(`a limit on children is shared equally among the lists when ${what}`, () => {
    const list = (length: number, entry: unknown) => Array.from({ length }, () => entry);
    const parts = eventParts(SESSION, undefined, {
      session_id: "s1",
      commands: list(lengths[0], "id"),
      http_requests: list(lengths[1], { method: "GET" }),
      payloads: list(lengths[3], { payload_text: "x" }),
    }, { maxChildren: limit })!;
    const kinds = Array.from(parts.children, ({ sourceKind }) => sourceKind);
    const counts = ["command", "http_request", "auth_attempt", "payload"]
      .map((kind) => kinds.filter((other) => other === kind).length);
    assert.deepEqual(counts, kept);
    assert.equal(parts.beyondLimit, beyond);
  });
}

Deno.test("sums over login attempts have a share of the limit too, and no login is summed beyond it", () => {
  const attempts = Array.from({ length: 1000 }, (_, i) => ({
    username: `user-${i}`,
    password: "x",
    result: "failure",
  }));
  const parts = eventParts(SESSION, undefined, { session_id: "s1", auth_attempts: attempts }, {
    maxChildren: 20,
  })!;
  const ids = Array.from(parts.children, ({ sourceId }) => sourceId);
  assert.equal(ids.filter((id) => /#auth\d/.test(id)).length, 10);
  assert.equal(ids.filter((id) => id.startsWith("s1#auth:")).length, 10);
});

Deno.test("children are made one at a time, in the order of what was sent", () => {
  const parts = eventParts(SESSION, undefined, {
    session_id: "s1",
    attacker_uuid: "a1",
    commands: ["a", 7, "b"],
  }, { identityUuid: "i1" })!;
  const [first, second] = parts.children;
  assert.deepEqual(parts.base.identityUuid, "i1");
  assert.deepEqual([first?.sourceId, second?.sourceId], ["s1#cmd0", "s1#cmd2"]);
  assert.equal(second?.identityUuid, "i1");
});
