import assert from "assert";
import fc from "fast-check";
import { decodeEnvelope, encodeEnvelope } from "../../lib/bus/envelope.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Decodes what must be readable. */
function envelope(body: unknown) {
  const decoded = decodeEnvelope(bytes(JSON.stringify(body)));
  assert.ok(decoded.ok);
  return decoded.envelope;
}

Deno.test("an envelope says what it holds", () => {
  const body = { v: 1, id: "i", topic: "x", type: "session.ended", ts: 1.5, payload: { a: [1] } };
  assert.deepEqual(envelope(body), {
    v: 1,
    id: "i",
    type: "session.ended",
    ts: 1.5,
    payload: { a: [1] },
    futureVersion: false,
  });
});

Deno.test("an object without an object as payload is itself the payload", () => {
  for (const payload of [undefined, null, 1, "text", [1, 2], true]) {
    const body = { session_id: "s", payload };
    assert.deepEqual(envelope(body).payload, JSON.parse(JSON.stringify(body)));
  }
});

Deno.test("a plain producer says what its object is with a type, and nothing else counts", () => {
  const body = { v: 9, id: "x", ts: 3, type: "jarm", jarm: "00" };
  assert.deepEqual(envelope(body), { v: 1, type: "jarm", payload: body, futureVersion: false });
});

Deno.test("fields of the wrong type count as absent", () => {
  const body = { v: "2", id: 7, type: ["x"], ts: "now", payload: {} };
  assert.deepEqual(envelope(body), { v: 1, payload: {}, futureVersion: false });
});

Deno.test("a version from the future is used and said to be one", () => {
  assert.equal(envelope({ v: 2, payload: {} }).futureVersion, true);
  assert.equal(envelope({ v: 1, payload: {} }).futureVersion, false);
  assert.equal(envelope({ payload: {} }).futureVersion, false);
});

for (
  const [what, body, reason] of [
    ["nothing", "", "not_json"],
    ["text", "not json", "not_json"],
    ["JSON that is cut", '{"payload":{"a":', "not_json"],
    ["JSON twice", "{}{}", "not_json"],
    ["a number", "42", "not_an_object"],
    ["a string", '"rm -rf"', "not_an_object"],
    ["null", "null", "not_an_object"],
    ["a list", '[{"payload":{}}]', "not_an_object"],
  ] as const
) {
  Deno.test(`${what} is poison: ${reason}`, () => {
    assert.deepEqual(decodeEnvelope(bytes(body)), { ok: false, reason });
  });
}

Deno.test("a body that reaches the limit is not looked at, a shorter one is", () => {
  const body = bytes('{"a":"€"}');
  assert.deepEqual(decodeEnvelope(body, body.length), { ok: false, reason: "too_large" });
  assert.ok(decodeEnvelope(body, body.length + 1).ok);
});

for (
  const [what, entry] of [
    ["empty objects", "{}"],
    ["empty lists", "[]"],
    ["numbers", "1"],
    ["short texts", '"w"'],
  ] as const
) {
  Deno.test(`a body of megabytes of ${what} is refused without decoding it`, () => {
    const list = new Array(1_050_000).fill(entry).join(",");
    const body = bytes(`{"payload":{"commands":[${list}]}}`);
    const decoded = decodeEnvelope(body);
    assert.equal(decoded.ok || decoded.reason, "too_many_values");
  });
}

Deno.test("a long text of commas, brackets and escaped quotes is one value", () => {
  // Were an escaped quote the end of the text, half of these brackets would be values.
  const payload = { payload_text: '[{,[{,[{,[{,[{,\\"'.repeat(150_000) };
  const decoded = decodeEnvelope(bytes(JSON.stringify({ payload })));
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.envelope.payload, payload);
});

Deno.test("a byte that is not UTF-8 does not cost the event", () => {
  const body = Uint8Array.of(...bytes('{"text":"a'), 0xff, ...bytes('b"}'));
  const decoded = decodeEnvelope(body);
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.envelope.payload, { text: "a\ufffdb" });
});

Deno.test("a key named __proto__ is data and changes no prototype", () => {
  const decoded = decodeEnvelope(bytes('{"__proto__":{"type":"x","payload":{"a":1}},"b":2}'));
  assert.ok(decoded.ok);
  assert.equal(decoded.envelope.type, undefined);
  assert.equal(decoded.envelope.payload["b"], 2);
  assert.equal(({} as Record<string, unknown>)["payload"], undefined);
});

Deno.test("deep nesting is read or refused, but never thrown", () => {
  for (const depth of [1000, 200_000]) {
    const decoded = decodeEnvelope(bytes(`{"payload":${"[".repeat(depth)}${"]".repeat(depth)}}`));
    assert.equal(typeof decoded.ok, "boolean");
  }
});

Deno.test("no bytes make the decoder throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
    assert.equal(typeof decodeEnvelope(data).ok, "boolean");
  }));
});

Deno.test("every object is an event, whatever its fields hold", () => {
  const fields = ["v", "id", "type", "ts", "payload", "topic", "x"].map((key) =>
    fc.tuple(fc.constant(key), fc.jsonValue())
  );
  const objects = fc.subarray(fields).chain((some) => fc.tuple(...some)).map(Object.fromEntries);
  fc.assert(fc.property(objects, (body) => {
    const { payload, v, id, type, ts } = envelope(body);
    assert.ok(typeof payload === "object" && payload !== null && !Array.isArray(payload));
    assert.equal(typeof v, "number");
    assert.ok(id === undefined || typeof id === "string");
    assert.ok(type === undefined || typeof type === "string");
    assert.ok(ts === undefined || typeof ts === "number");
  }));
});

Deno.test("what is encoded is decoded again, and names its topic", () => {
  const part = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed());
  const payloads = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(fc.property(part, part, fc.nat(), payloads, (id, type, ts, payload) => {
    const parts = { id, type, ts, payload, subject: "ttp.tagged" };
    const body = encodeEnvelope(parts);
    const expected = JSON.parse(
      JSON.stringify({ v: 1, topic: "ttp.tagged", id, type, ts, payload }),
    );
    assert.deepEqual(JSON.parse(new TextDecoder().decode(body)), expected);
    const decoded = decodeEnvelope(body);
    assert.ok(decoded.ok);
    const { topic: _, ...said } = expected;
    assert.deepEqual(decoded.envelope, { ...said, futureVersion: false });
  }));
});
