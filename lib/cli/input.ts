import { detectFormat, type InputFormat } from "../sources/format.ts";
import { type Line, readLines } from "../sources/lines.ts";
import { unpack, UnpackError } from "../sources/unpack.ts";
import type { Context } from "./context.ts";
import { EXIT, Exit } from "./exit.ts";

/** Empty lines at the beginning, or ones that are too long, behind which no format is sought. */
const MAX_EMPTY_LINES = 100;

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
    const iterator = readLines(unpack(stream));
    try {
      const { found, all } = await withFormat(iterator, format);
      yield { name, format: found, lines: guarded(name, all) };
    } catch (error) {
      throw readFailure(name, error);
    } finally {
      await iterator.return(undefined);
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
  if (error instanceof Error && typeof (error as { code?: unknown }).code === "string") {
    return new Exit(EXIT.usage, `cannot read ${name}: ${error.message}`);
  }
  return error;
}

/**
 * Tells the format of lines by the first of them that is not empty.
 *
 * @param format what somebody says that it is
 * @returns all lines, those that were read for it too
 */
export async function withFormat(
  lines: AsyncGenerator<Line>,
  format: InputFormat | undefined,
): Promise<{ readonly found: InputFormat; readonly all: AsyncGenerator<Line> }> {
  const read: Line[] = [];
  let found = format;
  while (found === undefined) {
    const { done, value } = await lines.next();
    if (!done) read.push(value);
    if (done || read.length === MAX_EMPTY_LINES) found = "lines";
    else if (value.text.trim() !== "") found = detectFormat(value.text);
  }
  return { found, all: chain(read, lines) };
}

async function* chain(
  read: readonly Line[],
  rest: AsyncGenerator<Line>,
): AsyncGenerator<Line> {
  try {
    yield* read;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

async function* guarded(name: string, lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  try {
    yield* lines;
  } catch (error) {
    throw readFailure(name, error);
  }
}
