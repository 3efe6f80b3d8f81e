import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** A compressed file is damaged, or ends too early. */
export class UnpackError extends Error {
  override readonly name = "UnpackError";
}

/**
 * Unpacks a gzip stream; any other stream is given as it is.
 *
 * @throws {UnpackError} when it does not unpack
 */
export async function* unpack(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    const head: Uint8Array[] = [];
    let size = 0;
    while (size < 2) {
      const { done, value } = await iterator.next();
      if (done) break;
      head.push(value);
      size += value.length;
    }
    const [first = 0, second = 0] = head.flatMap((chunk) => [...chunk.subarray(0, 2)]);
    const all = chain(head, iterator);
    if (first === 0x1f && second === 0x8b) yield* gunzip(all);
    else yield* all;
  } finally {
    await iterator.return?.(undefined);
  }
}

/** The runtime's own unpacker and not the web's: files of several parts, as `cat a.gz b.gz` makes, are usual. */
async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  const unpacker = createGunzip();
  // The loop below gets every error from the unpacker itself.
  const piped = pipeline(source, unpacker).catch(() => {});
  try {
    for await (const chunk of unpacker) yield chunk as Uint8Array;
  } catch (error) {
    if (!isUnpackFault(error)) throw error;
    throw new UnpackError(`it is damaged or incomplete (${error.message})`);
  } finally {
    unpacker.destroy();
    await piped;
  }
}

function isUnpackFault(error: unknown): error is Error {
  return error instanceof Error && /^Z_/.test(String((error as { code?: unknown }).code));
}

async function* chain(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
