import assert from "assert";
import { streamDelivery } from "../../../lib/bus/jetstream/delivery.ts";

for (
  const [what, reply] of [
    ["of 2.9", "$JS.ACK.DECNET.ttp.3.42.17.1764000000000000000.5"],
    ["with a domain", "$JS.ACK.hub.ACC.DECNET.ttp.3.42.17.1764000000000000000.5"],
    ["with a domain and a token", "$JS.ACK._.ACC.DECNET.ttp.3.42.17.1764000000000000000.5.x7f"],
  ] as const
) {
  Deno.test(`an acknowledgement subject ${what} names the message and counts its deliveries`, () => {
    assert.deepEqual(streamDelivery(reply), {
      key: "DECNET.42.1764000000000000000",
      count: 3,
      sequence: 42,
    });
  });
}

Deno.test("deliveries of one message have one key, whatever else differs", () => {
  const keys = ["1.42.17.99.5", "2.42.90.99.0"].map((rest) =>
    streamDelivery(`$JS.ACK.DECNET.ttp.${rest}`).key
  );
  assert.equal(keys[0], keys[1]);
  // The stream was made anew: the sequence is the same, the message is not.
  assert.notEqual(streamDelivery("$JS.ACK.DECNET.ttp.1.42.17.100.5").key, keys[0]);
});
