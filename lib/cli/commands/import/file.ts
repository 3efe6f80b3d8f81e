import { createHash } from "node:crypto";
import type { InputFormat } from "../../../sources/format.ts";
import { BEGINNING, type Line, readLines } from "../../../sources/lines.ts";
import type { Resume } from "../../../sources/resume.ts";
import { unpack } from "../../../sources/unpack.ts";
import {
  type ImportProgress,
  importProgress,
  keepImportProgress,
} from "../../../store/import_progress.ts";
import type { Store } from "../../../store/store.ts";
import { Exit } from "../../exit.ts";
import { openFile, readFailure, withFormat } from "../../input.ts";

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
  readonly #source: ReadableLines;
  readonly #known: KnownBy | undefined;

  private constructor(
    path: string,
    format: InputFormat,
    from: Resume,
    lines: AsyncIterable<Line>,
    source: ReadableLines,
    known: KnownBy | undefined,
  ) {
    this.path = path;
    this.format = format;
    this.from = from;
    this.lines = lines;
    this.#source = source;
    this.#known = known;
  }

  /** Why its lines have ended before it did; nothing when they have not. */
  get failure(): Exit | undefined {
    return this.#source.failure;
  }

  /**
   * Opens a file where an earlier import of it ended; a pipe is read from its beginning.
   *
   * @param format what it holds; told by its first line when absent
   * @param store knows of earlier imports
   * @param onBytes told of every piece that is read, in bytes of the file
   * @param stdin gives standard input, for the path `-`
   * @throws {Exit} with code 2 when it cannot be opened
   */
  static async open(
    path: string,
    format: InputFormat | undefined,
    store: Store,
    onBytes: (count: number) => void,
    stdin: () => ReadableStream<Uint8Array>,
  ): Promise<ImportFile> {
    // By its path it could not be opened without every permission there is.
    if (path === "-") {
      const source = new ReadableLines("stdin", readLines(unpack(counted(stdin(), onBytes))));
      return await ImportFile.#begin("stdin", format, source, undefined);
    }
    const file = await openFile(path);
    const { isFile, size } = await file.stat();
    if (!isFile) {
      const source = new ReadableLines(path, readLines(unpack(counted(file.readable, onBytes))));
      return await ImportFile.#begin(path, format, source, undefined);
    }
    const known = { key: Deno.realPathSync(path), head: await readHead(file) };
    const packed = known.head[0] === 0x1f && known.head[1] === 0x8b;
    const progress = importProgress(store, known.key);
    const usable = progress !== undefined && (format === undefined || progress.format === format) &&
      digestOf(known.head.subarray(0, progress.headBytes)) === progress.head &&
      (packed || (progress.read ?? progress.offset) <= size);
    const from = usable ? progress : BEGINNING;
    // What is packed has to be unpacked from its beginning.
    await file.seek(packed ? 0 : from.offset, Deno.SeekMode.Start);
    if (!packed) onBytes(from.offset);
    const raw = counted(file.readable, onBytes);
    const bytes = packed ? skip(unpack(raw), from.offset) : raw;
    const source = new ReadableLines(path, readLines(bytes, undefined, from));
    if (!usable) return await ImportFile.#begin(path, format, source, known);
    const lines = source[Symbol.asyncIterator]();
    return new ImportFile(path, progress.format as InputFormat, from, lines, source, known);
  }

  static async #begin(
    path: string,
    format: InputFormat | undefined,
    source: ReadableLines,
    known: KnownBy | undefined,
  ): Promise<ImportFile> {
    const lines = source[Symbol.asyncIterator]();
    const { found, all } = await withFormat(lines, format);
    return new ImportFile(path, found, BEGINNING, all, source, known);
  }

  /** Keeps how far the import is; in the transaction of what was imported. */
  keep(store: Store, reached: Resume): void {
    if (this.#known === undefined) return;
    const { key, head } = this.#known;
    const progress: ImportProgress = {
      format: this.format,
      ...reached,
      head: digestOf(head),
      headBytes: head.length,
    };
    keepImportProgress(store, key, progress);
  }
}

/** By what a file is known again; a pipe never is. */
interface KnownBy {
  readonly key: string;
  readonly head: Uint8Array;
}

/** Lines as far as they can be read: what came before a damage is worth having. */
class ReadableLines implements AsyncIterable<Line> {
  /** Why there are no more. */
  failure: Exit | undefined;
  readonly #path: string;
  readonly #lines: AsyncIterable<Line>;

  constructor(path: string, lines: AsyncIterable<Line>) {
    this.#path = path;
    this.#lines = lines;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Line> {
    try {
      yield* this.#lines;
    } catch (error) {
      const failure = readFailure(this.#path, error);
      if (!(failure instanceof Exit)) throw failure;
      this.failure = failure;
    }
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
