import assert from "assert";
import fc from "fast-check";
import { ackOutcome } from "../../../lib/bus/jetstream/publish_ack.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const error = (code: number, errorCode: number, description: string) =>
  JSON.stringify({ type: "pub", error: { code, err_code: errorCode, description } });

for (
  const [what, body, code, expected] of [
    ["a stored message", '{"stream":"S","seq":1}', undefined, "confirmed"],
    ["a repetition", '{"stream":"S","seq":1,"duplicate":true}', undefined, "confirmed"],
    ["no stream at all", "", 503, "unconfirmed"],
    [
      "too large",
      error(400, 10054, "message size exceeds maximum allowed"),
      undefined,
      "too_large",
    ],
    [
      "messages at the limit",
      error(503, 10077, "maximum messages exceeded"),
      undefined,
      "stream_full",
    ],
    ["bytes at the limit", error(503, 10077, "maximum bytes exceeded"), undefined, "stream_full"],
    ["a broken disk", error(503, 10077, "write error: no space left"), undefined, "unconfirmed"],
    [
      "a sealed stream",
      error(400, 10109, "invalid operation on sealed stream"),
      undefined,
      "rejected",
    ],
    ["a busy server", error(429, 10167, "too many requests"), undefined, "unconfirmed"],
    [
      "a server without room",
      error(503, 10023, "insufficient resources"),
      undefined,
      "unconfirmed",
    ],
    ["an error without a code", '{"error":{}}', undefined, "unconfirmed"],
    ["an error that is none", '{"stream":"S","seq":1,"error":"no"}', undefined, "unconfirmed"],
    ["no JSON", "+OK", undefined, "unconfirmed"],
    ["nothing", "", undefined, "unconfirmed"],
    ["null", "null", undefined, "unconfirmed"],
    ["no stream name", '{"seq":1}', undefined, "unconfirmed"],
    ["no sequence", '{"stream":"S"}', undefined, "unconfirmed"],
  ] as const
) {
  Deno.test(`an acknowledgement that says ${what} means ${expected}`, () => {
    const outcome = ackOutcome({ data: bytes(body), code }, "ttp.tagged");
    assert.equal(outcome.status === "refused" ? outcome.reason : outcome.status, expected);
    if (outcome.status !== "confirmed") assert.match(outcome.message, /ttp\.tagged/);
  });
}

Deno.test("an acknowledgement of any shape is read, and confirms only what names stream and sequence", () => {
  fc.assert(fc.property(fc.json(), (body) => {
    const { status } = ackOutcome({ data: bytes(body), code: undefined }, "a");
    if (status !== "confirmed") return;
    const { stream, seq } = JSON.parse(body);
    assert.ok(typeof stream === "string" && typeof seq === "number");
  }));
});
