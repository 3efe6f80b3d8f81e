import assert from "assert";
import fc from "fast-check";
import type { BusMessage } from "../../../lib/bus/bus.ts";
import {
  type GivenUpMessage,
  handOver,
  parseAdvisory,
} from "../../../lib/bus/jetstream/advisory.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const ADVISORY = {
  type: "io.nats.jetstream.advisory.v1.terminated",
  stream: "DECNET",
  consumer: "decnet-ttp",
  stream_seq: 7,
  deliveries: 2,
  reason: "not_json",
};

Deno.test("an advisory names the message, the cause and the reason", () => {
  assert.deepEqual(parseAdvisory(bytes(ADVISORY)), {
    cause: "terminated",
    stream: "DECNET",
    sequence: 7,
    deliveries: 2,
    reason: "not_json",
  });
});

Deno.test("what is no advisory on a message that was given up is none", () => {
  for (
    const other of [
      null,
      [],
      "text",
      {},
      { ...ADVISORY, type: "io.nats.jetstream.advisory.v1.nak" },
      { ...ADVISORY, type: "constructor" },
      { ...ADVISORY, stream: 1 },
      { ...ADVISORY, stream_seq: "7" },
    ]
  ) assert.equal(parseAdvisory(bytes(other)), undefined, JSON.stringify(other));
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    assert.equal(parseAdvisory(new TextEncoder().encode(text)), undefined);
  }));
});

Deno.test("an advisory is done once it was taken, and comes again after a failure", async () => {
  const told: string[] = [];
  const message = (data: Uint8Array): BusMessage => ({
    subject: "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.DECNET.decnet-ttp",
    data,
    ack: () => void told.push("ack"),
    nak: (delayMs) => void told.push(`nak ${delayMs}`),
    term: () => void told.push("term"),
    working: () => {},
  });
  async function* advisories() {
    yield message(bytes(ADVISORY));
    yield message(bytes({}));
    yield await Promise.resolve(message(bytes({ ...ADVISORY, stream_seq: 8 })));
  }
  const taken: GivenUpMessage[] = [];
  await handOver(
    advisories(),
    (givenUp) => Promise.resolve(givenUp),
    (givenUp) => {
      if (givenUp.sequence === 7) throw new Error("the disk is full");
      taken.push(givenUp);
    },
    500,
  );
  assert.deepEqual(told, ["nak 500", "ack", "ack"]);
  assert.deepEqual(taken.map(({ sequence }) => sequence), [8]);
});
