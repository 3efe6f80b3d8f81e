import assert from "assert";
import { unpack, UnpackError } from "../../lib/sources/unpack.ts";

async function packed(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function unpacked(chunks: readonly Uint8Array[]): Promise<string> {
  const parts = await Array.fromAsync(unpack(ReadableStream.from(chunks)));
  return new TextDecoder().decode(Uint8Array.from(parts.flatMap((part) => [...part])));
}

Deno.test("a plain stream is given as it is, also a very short one", async () => {
  for (const text of ["", "a", "ab", "plain text\n"]) {
    const chunks = [...text].map((character) => new TextEncoder().encode(character));
    assert.equal(await unpacked(chunks), text);
  }
});

Deno.test("gzip is unpacked, whatever its chunks and however many parts it has", async () => {
  const [one, two] = [await packed("one\n"), await packed("two\n")];
  assert.equal(await unpacked([one]), "one\n");
  assert.equal(await unpacked([one.slice(0, 1), one.slice(1, 5), one.slice(5), two]), "one\ntwo\n");
});

Deno.test("damaged and truncated gzip is told apart from other errors", async () => {
  const whole = await packed("some text that is long enough to be cut");
  const damaged = whole.slice();
  damaged[14]! ^= 0xff;
  for (const bytes of [whole.slice(0, 20), damaged]) {
    await assert.rejects(unpacked([bytes]), UnpackError);
  }
  const failing = ReadableStream.from((async function* () {
    yield whole.slice(0, 12);
    await Promise.resolve();
    throw new RangeError("the disk");
  })());
  await assert.rejects(Array.fromAsync(unpack(failing)), RangeError);
});

Deno.test("who leaves early lets go of the stream", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1024)),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of unpack(endless)) break;
  assert.ok(cancelled);
});
