import assert from "assert";
import fc from "fast-check";
import {
  encodeFrame,
  type Frame,
  FrameError,
  FrameReader,
  MAX_FRAME_BYTES,
  MAX_LINE_BYTES,
} from "../../../lib/bus/unix/frames.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function framesOf(chunks: readonly Uint8Array[]): readonly Frame[] {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => [...reader.read(chunk)]);
}

Deno.test("a frame is a line, four bytes of length, most significant first, and the body", () => {
  const frame = encodeFrame({ verb: "PUB", argument: "ttp.tagged", body: bytes("{}") });
  assert.deepEqual([...frame], [...bytes("PUB ttp.tagged\n"), 0, 0, 0, 2, ...bytes("{}")]);
  const empty = encodeFrame({ verb: "BYE", argument: "", body: bytes("") });
  assert.deepEqual([...empty], [...bytes("BYE\n"), 0, 0, 0, 0]);
});

Deno.test("frames are read as they were written, in pieces of whatever size they come", () => {
  const frame = fc.record<Frame>({
    verb: fc.constantFrom("HELLO", "PUB", "SUB", "UNSUB", "EVT", "BYE"),
    argument: fc.stringMatching(/^[a-z0-9.*>_-]{0,60}$/),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(bytes("\n\r\n"), new Uint8Array(200_000).fill(10)),
    ),
  }, { noNullPrototype: true });
  const run = fc.property(
    fc.array(frame, { maxLength: 6 }),
    fc.integer({ min: 7, max: 5_000 }),
    (frames, size) => {
      const sent = frames.map(encodeFrame);
      const all = new Uint8Array(sent.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of sent) {
        all.set(part, at);
        at += part.length;
      }
      const chunks: Uint8Array[] = [];
      for (at = 0; at < all.length; at += size) chunks.push(all.subarray(at, at + size));
      assert.deepEqual(framesOf(chunks), frames);
    },
  );
  fc.assert(run, { numRuns: 50 });
});

Deno.test("a carriage return before the line break is tolerated", () => {
  const [frame] = framesOf([bytes("EVT a.b\r\n"), new Uint8Array([0, 0, 0, 1]), bytes("x")]);
  assert.deepEqual(frame, { verb: "EVT", argument: "a.b", body: bytes("x") });
});

const MALFORMED: readonly [what: string, sent: Uint8Array, message: RegExp][] = [
  ["a line without end", new Uint8Array(MAX_LINE_BYTES).fill(65), /more than 4096 bytes/],
  ["a line that is no verb", bytes("evt a\n"), /not a verb/],
  ["an empty line", bytes("\n"), /not a verb/],
  ["two arguments", bytes("EVT a b\n"), /not a verb/],
  ["control characters", bytes("EVT a\x1b[2J\n"), /not a verb/],
  ["characters beyond ASCII", bytes("EVT ä\n"), /not a verb/],
  ["a body that is too large", new Uint8Array([...bytes("EVT a\n"), 0, 16, 0, 1]), /1048577 bytes/],
  [
    "a body of four gigabytes",
    new Uint8Array([...bytes("EVT a\n"), 255, 255, 255, 255]),
    /4294967295/,
  ],
];

for (const [what, sent, message] of MALFORMED) {
  Deno.test(`${what} is a malformed frame`, () => {
    assert.throws(() => framesOf([sent]), (error) => {
      assert.ok(error instanceof FrameError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("frames before a malformed one are given", () => {
  const reader = new FrameReader();
  const good = encodeFrame({ verb: "EVT", argument: "a", body: bytes("1") });
  const seen: string[] = [];
  assert.throws(() => {
    for (const { argument } of reader.read(new Uint8Array([...good, ...bytes("?\n")]))) {
      seen.push(argument);
    }
  }, FrameError);
  assert.deepEqual(seen, ["a"]);
});

Deno.test("the largest body is taken, and what the protocol does not allow is not written", () => {
  const body = new Uint8Array(MAX_FRAME_BYTES).fill(7);
  const [frame] = framesOf([encodeFrame({ verb: "EVT", argument: "a", body })]);
  assert.equal(frame?.body.length, MAX_FRAME_BYTES);
  const wrong: readonly Frame[] = [
    { verb: "PUB", argument: "a", body: new Uint8Array(MAX_FRAME_BYTES + 1) },
    { verb: "PUB", argument: "a\nPUB b", body: bytes("") },
    { verb: "PUB", argument: "a".repeat(MAX_LINE_BYTES), body: bytes("") },
    { verb: "pub", argument: "a", body: bytes("") },
  ];
  for (const frame of wrong) assert.throws(() => encodeFrame(frame), FrameError);
});
