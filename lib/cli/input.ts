import { detectFormat, type InputFormat } from "../import/format.ts";
import { type Line, readLines } from "../import/lines.ts";
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
 * Opens the inputs of a command one after the other.
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
    const iterator = readLines(await open(path, context))[Symbol.asyncIterator]();
    try {
      const first = await iterator.next();
      const found = format ?? (first.done ? "lines" : detectFormat(first.value.text));
      yield { name, format: found, lines: chain(first, iterator) };
    } finally {
      await iterator.return?.(undefined);
    }
  }
}

async function open(path: string, context: Context): Promise<ReadableStream<Uint8Array>> {
  if (path === "-") return context.stdin();
  try {
    const file = await Deno.open(path, { read: true });
    if ((await file.stat()).isDirectory) {
      file.close();
      throw new Exit(EXIT.usage, `${path} is a directory; name files`);
    }
    return file.readable;
  } catch (error) {
    if (error instanceof Exit) throw error;
    const reason = error instanceof Deno.errors.NotFound
      ? "it does not exist"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : String(error);
    throw new Exit(EXIT.usage, `cannot read ${path}: ${reason}`);
  }
}

async function* chain(
  first: IteratorResult<Line>,
  rest: AsyncIterator<Line>,
): AsyncGenerator<Line> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}
