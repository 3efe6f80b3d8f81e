import { detectFormat, type InputFormat } from "../import/format.ts";
import { type Line, readLines } from "../import/lines.ts";
import { unpack, UnpackError } from "../import/unpack.ts";
import type { Context } from "./context.ts";
import { EXIT, Exit } from "./exit.ts";

/** One named source of lines. */
export interface Input {
  /** The file as it was given, or `stdin`. */
  readonly name: string;
  readonly format: InputFormat;
  readonly lines: AsyncIterable<Line>;
}

/**
 * Opens the inputs of a command one after the other; compressed ones are unpacked.
 *
 * @param paths files; `-` is standard input, and so is no path at all
 * @param format of all inputs; told by each one's first line when absent
 * @throws {Exit} with code 2 when a file cannot be read
 */
export async function* openInputs(
  paths: readonly string[],
  format: InputFormat | undefined,
  context: Context,
): AsyncGenerator<Input> {
  for (const path of paths.length === 0 ? ["-"] : paths) {
    const name = path === "-" ? "stdin" : path;
    const stream = path === "-" ? context.stdin() : (await openFile(path)).readable;
    const iterator = readLines(unpack(stream))[Symbol.asyncIterator]();
    try {
      const first = await iterator.next();
      const found = format ?? (first.done ? "lines" : detectFormat(first.value.text));
      yield { name, format: found, lines: chain(name, first, iterator) };
    } catch (error) {
      throw readFailure(name, error);
    } finally {
      await iterator.return?.(undefined);
    }
  }
}

/**
 * Opens one file for reading.
 *
 * @throws {Exit} with code 2 when it cannot be read
 */
export async function openFile(path: string): Promise<Deno.FsFile> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (error) {
    throw readFailure(path, error);
  }
  if (!(await file.stat()).isDirectory) return file;
  file.close();
  throw new Exit(EXIT.usage, `${path} is a directory; name files`);
}

/** What a command says when a file cannot be read, or the error itself when it is not about the file. */
export function readFailure(name: string, error: unknown): unknown {
  if (error instanceof UnpackError) {
    return new Exit(EXIT.usage, `cannot read ${name}: ${error.message}`);
  }
  if (error instanceof Deno.errors.NotFound) {
    return new Exit(EXIT.usage, `cannot read ${name}: it does not exist`);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new Exit(EXIT.usage, `cannot read ${name}: permission denied`);
  }
  return error;
}

async function* chain(
  name: string,
  first: IteratorResult<Line>,
  rest: AsyncIterator<Line>,
): AsyncGenerator<Line> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } catch (error) {
    throw readFailure(name, error);
  }
}
