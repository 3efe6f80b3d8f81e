import assert from "assert";
import fc from "fast-check";
import { type Line, readLines } from "../../lib/sources/lines.ts";

async function linesOf(chunks: readonly Uint8Array[], maxBytes?: number): Promise<Line[]> {
  return await Array.fromAsync(readLines(ReadableStream.from(chunks), maxBytes));
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("a text is read in the same lines however it is cut into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom("a", "ü", "☃", "🍯", "\n", "\r\n", " ") }),
      fc.array(fc.nat(8), { minLength: 1 }),
      async (text, cuts) => {
        const all = bytes(text);
        const chunks: Uint8Array[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const size = 1 + (cuts[i % cuts.length] ?? 0);
          chunks.push(all.subarray(at, at + size));
          at += size;
        }
        const expected = text.split("\n");
        if (expected.at(-1) === "") expected.pop();
        const lines = await linesOf(chunks);
        assert.deepEqual(
          lines.map((line) => line.text),
          expected.map((line) => line.replace(/\r$/, "")),
        );
        for (const line of lines) {
          const raw = new TextDecoder().decode(all.subarray(line.start, line.end));
          assert.equal(raw.replace(/\r?\n$/, ""), line.text.replace(/\r$/, ""));
        }
        assert.equal(lines.at(-1)?.end ?? 0, all.length);
      },
    ),
  );
});

Deno.test("a line that is too long is skipped and counted, and its neighbours are whole", async () => {
  const lines = await linesOf(
    [bytes("one\n" + "x".repeat(50)), bytes("y".repeat(50) + "\ntwo")],
    64,
  );
  assert.deepEqual(lines.map(({ text, tooLong, number }) => [number, text, tooLong]), [
    [1, "one", false],
    [2, "", true],
    [3, "two", false],
  ]);
  assert.deepEqual(lines.map(({ start, end, complete }) => [start, end, complete]), [
    [0, 4, true],
    [4, 105, true],
    [105, 108, false],
  ]);
});

Deno.test("bytes that are no UTF-8 become replacement characters", async () => {
  const lines = await linesOf([new Uint8Array([0x61, 0xff, 0x0a, 0xe2, 0x98])]);
  assert.deepEqual(lines.map((line) => line.text), ["a\ufffd", "\ufffd"]);
});
