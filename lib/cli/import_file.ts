import { createHash } from "node:crypto";
import { detectFormat, type InputFormat } from "../import/format.ts";
import { BEGINNING, type Line, readLines } from "../import/lines.ts";
import type { Resume } from "../import/resume.ts";
import { unpack } from "../import/unpack.ts";
import {
  type ImportProgress,
  importProgress,
  keepImportProgress,
} from "../store/import_progress.ts";
import type { Store } from "../store/store.ts";
import { openFile, readFailure } from "./input.ts";

/** First bytes of a file by which it is known again. */
const HEAD_BYTES = 4096;

/** A file that is imported, from where an earlier import of it ended. */
export class ImportFile {
  /** As it was given. */
  readonly path: string;
  readonly format: InputFormat;
  /** Where an earlier import has ended. */
  readonly from: Resume;
  readonly lines: AsyncIterable<Line>;
  readonly #key: string;
  readonly #head: Uint8Array;

  private constructor(
    path: string,
    format: InputFormat,
    from: Resume,
    lines: AsyncIterable<Line>,
    head: Uint8Array,
  ) {
    this.path = path;
    this.format = format;
    this.from = from;
    this.lines = lines;
    this.#key = Deno.realPathSync(path);
    this.#head = head;
  }

  /**
   * Opens a file where an earlier import of it ended.
   *
   * @param format what it holds; told by its first line when absent
   * @param store knows of earlier imports
   * @param onBytes told of every piece that is read, in bytes of the file
   * @throws {Exit} with code 2 when it cannot be read
   */
  static async open(
    path: string,
    format: InputFormat | undefined,
    store: Store,
    onBytes: (count: number) => void,
  ): Promise<ImportFile> {
    const file = await openFile(path);
    const head = await readHead(file);
    const packed = head[0] === 0x1f && head[1] === 0x8b;
    const { size } = await file.stat();
    const known = importProgress(store, Deno.realPathSync(path));
    const usable = known !== undefined && (format === undefined || known.format === format) &&
      digestOf(head.subarray(0, known.headBytes)) === known.head &&
      (packed || (known.read ?? known.offset) <= size);
    const from = usable ? known : BEGINNING;
    // What is packed has to be unpacked from its beginning.
    await file.seek(packed ? 0 : from.offset, Deno.SeekMode.Start);
    if (!packed) onBytes(from.offset);
    const raw = counted(file.readable, onBytes);
    const bytes = packed ? skip(unpack(raw), from.offset) : raw;
    const iterator = guarded(path, readLines(bytes, undefined, from));
    if (usable) return new ImportFile(path, known.format as InputFormat, from, iterator, head);
    const first = await iterator.next();
    const found = format ?? (first.done ? "lines" : detectFormat(first.value.text));
    return new ImportFile(path, found, from, chain(first, iterator), head);
  }

  /** Keeps how far the import is; in the transaction of what was imported. */
  keep(store: Store, reached: Resume): void {
    const progress: ImportProgress = {
      format: this.format,
      ...reached,
      head: digestOf(this.#head),
      headBytes: this.#head.length,
    };
    keepImportProgress(store, this.#key, progress);
  }
}

async function readHead(file: Deno.FsFile): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let size = 0;
  while (size < head.length) {
    const count = await file.read(head.subarray(size));
    if (count === null) break;
    size += count;
  }
  return head.slice(0, size);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function* skip(
  bytes: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function* guarded(path: string, lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  try {
    yield* lines;
  } catch (error) {
    throw readFailure(path, error);
  }
}

async function* chain(
  first: IteratorResult<Line>,
  rest: AsyncGenerator<Line>,
): AsyncGenerator<Line> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
