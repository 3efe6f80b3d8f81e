import assert from "assert";
import fc from "fast-check";
import { KNOWN_SOURCE_KINDS } from "../../lib/rules/source_kind.ts";
import { copyEvidence, MAX_EVIDENCE_BYTES, restrictEvidence } from "../../lib/tagging/evidence.ts";
import { SECRET_FIELDS } from "../../lib/tagging/evidence_contract.ts";

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

Deno.test("a rule's fields are copied where the payload has them", () => {
  const payload = { command_text: "id", uid: "0", other: 1 };
  assert.deepEqual(copyEvidence("command", payload, ["command_text", "uid", "missing"]), {
    command_text: "id",
    uid: "0",
  });
});

Deno.test("no kind of event has a secret copied or let through, whatever a rule asks", () => {
  const secrets = Array.from(SECRET_FIELDS);
  const payload = Object.fromEntries(secrets.map((field) => [field, "s"]));
  for (const kind of KNOWN_SOURCE_KINDS) {
    assert.deepEqual(copyEvidence(kind, payload, secrets), {});
    const { evidence, dropped } = restrictEvidence(kind, payload, secrets);
    assert.deepEqual(evidence, {});
    assert.deepEqual(Array.from(dropped).sort(), secrets.toSorted());
  }
});

Deno.test("the parts of a request that hold cookies and passwords are not copied", () => {
  const fields = ["raw_url", "headers", "body", "request_body"];
  const payload = {
    raw_url: "/login",
    headers: { Cookie: "sid=1" },
    body: "password=x",
    request_body: "password=x",
  };
  assert.deepEqual(copyEvidence("http_request", payload, fields), { raw_url: "/login" });
  assert.deepEqual(copyEvidence("payload", { body: "b" }, ["body"]), { body: "b" });
});

Deno.test("a field that is only inherited is not copied", () => {
  assert.deepEqual(copyEvidence("command", {}, ["constructor", "__proto__", "toString"]), {});
});

Deno.test("a field named __proto__ stays an ordinary key", () => {
  const payload = JSON.parse('{"__proto__": {"polluted": true}}');
  const copied = copyEvidence("command", payload, ["__proto__"]);
  const { evidence } = restrictEvidence("command", copied, ["__proto__"]);
  assert.equal(JSON.stringify(evidence), '{"__proto__":{"polluted":true}}');
  assert.equal(Reflect.get(evidence, "polluted"), undefined);
});

Deno.test("a key that the contract lacks is dropped and told of", () => {
  const { evidence, dropped } = restrictEvidence("ipv6_leak", { addr: "fe80::1", mac: "x" }, [
    "mac",
  ]);
  assert.deepEqual(evidence, { addr: "fe80::1" });
  assert.deepEqual(dropped, ["mac"]);
});

Deno.test("the largest values give way when evidence grows beyond its bound", () => {
  const list = Array.from({ length: 60 }, (_, at) => `${at}`.padEnd(900, "x"));
  const { evidence, dropped } = restrictEvidence(
    "session",
    { target_host: "drop.example", tool_guesses: list, note: list.slice(0, 5) },
    ["target_host", "tool_guesses", "note"],
  );
  assert.deepEqual(dropped, ["tool_guesses"]);
  assert.deepEqual(Object.keys(evidence), ["target_host", "note"]);
});

Deno.test("evidence is bounded for any payload and kind, and keeps what fits", () => {
  const field = fc.string({ minLength: 1, maxLength: 12 });
  const payload = fc.dictionary(
    field,
    fc.oneof(
      fc.anything({ maxDepth: 5 }),
      fc.string({ unit: "binary", minLength: 500, maxLength: 5000 }),
    ),
  );
  fc.assert(fc.property(fc.constantFrom(...KNOWN_SOURCE_KINDS), payload, (kind, random) => {
    const fields = Object.keys(random);
    const copied = copyEvidence(kind, random, fields);
    const { evidence, dropped } = restrictEvidence(kind, copied, fields);
    assert.ok(bytesOf(evidence) <= MAX_EVIDENCE_BYTES);
    assert.equal(Object.keys(evidence).length + dropped.length, Object.keys(copied).length);
    const json = JSON.stringify(evidence);
    assert.equal(JSON.stringify(JSON.parse(json)), json);
  }));
});

Deno.test("a text is cut between characters, not inside one", () => {
  const { command_text: text } = copyEvidence("command", {
    command_text: `${"x".repeat(1023)}\u{1f600}tail`,
  }, ["command_text"]);
  assert.equal(text, "x".repeat(1023));
});

Deno.test("depth without end is cut, and numbers that JSON lacks are left out", () => {
  let deep: unknown = "core";
  for (let level = 0; level < 100_000; level++) deep = [deep];
  const payload = { deep, odd: [1, Number.NaN, null, true], text: "x" };
  assert.deepEqual(copyEvidence("session", payload, ["deep", "odd", "text"]), {
    deep: [[[]]],
    odd: [1, true],
    text: "x",
  });
});
