import assert from "assert";
import fc from "fast-check";
import { StreamMessage } from "../../../lib/bus/jetstream/message.ts";

/** A message, and what it has told the server so far. */
function message(takesReasons = false) {
  const sent: string[] = [];
  let terms = 0;
  const made = new StreamMessage({
    subject: "a",
    data: new Uint8Array(),
    reply: "$JS.ACK.x",
    respond: (subject, data) => {
      assert.equal(subject, "$JS.ACK.x");
      sent.push(new TextDecoder().decode(data));
    },
    takesReasons,
    onTerm: () => terms++,
  });
  return { made, sent, terms: () => terms };
}

Deno.test("a message out of a stream is settled once, and held only before", () => {
  const { made, sent, terms } = message();
  made.working();
  made.ack();
  made.working();
  made.nak(1000);
  made.term("too late");
  made.ack();
  assert.deepEqual(sent, ["+WPI", "+ACK"]);
  assert.equal(terms(), 0);
});

Deno.test("a refusal always names a delay, in nanoseconds", () => {
  for (const [ms, nanos] of [[0, 1_000_000], [-5, 1_000_000], [1500, 1_500_000_000]] as const) {
    const { made, sent } = message();
    made.nak(ms);
    assert.deepEqual(sent, [`-NAK {"delay":${nanos}}`]);
  }
});

Deno.test("a server before 2.11 gets no reason for a termination", () => {
  const { made, sent, terms } = message(false);
  made.term("not_json");
  assert.deepEqual(sent, ["+TERM"]);
  assert.equal(terms(), 1);
});

Deno.test("a reason is one short line, whatever it was", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 500 }), (reason) => {
    const { made, sent } = message(true);
    made.term(reason);
    assert.match(sent[0]!, /^\+TERM( [^\p{Cc}]{1,200})?$/u);
  }));
  const { made, sent } = message(true);
  made.term(" not\r\njson ");
  assert.deepEqual(sent, ["+TERM not json"]);
});
