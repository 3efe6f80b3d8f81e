import assert from "assert";
import fc from "fast-check";
import { MessageStream } from "../../lib/bus/message_stream.ts";
import { PlainMessage } from "../../lib/bus/plain_message.ts";

const message = (subject: string) => new PlainMessage(subject, new Uint8Array());

Deno.test("a stream yields everything in order, however pushes and reads interleave", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 20 }), async (bursts) => {
      const stream = new MessageStream();
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { subject } of stream) seen.push(subject);
      })();
      let pushed = 0;
      for (const burst of bursts) {
        for (let count = 0; count < burst; count++) stream.push(message(String(pushed++)));
        await Promise.resolve();
      }
      stream.end();
      stream.push(message("too late"));
      await reading;
      assert.deepEqual(seen, Array.from({ length: pushed }, (_, index) => String(index)));
    }),
  );
});

Deno.test("a stream keeps nothing for a reader that has left", async () => {
  const stream = new MessageStream();
  for (const subject of ["a", "b"]) stream.push(message(subject));
  assert.equal(stream.waiting, 2);
  for await (const _ of stream) break;
  stream.push(message("c"));
  assert.equal(stream.waiting, 0);
});
