import { EXIT, Exit } from "../exit.ts";
import { cutToWidth } from "./table.ts";

/** Where bytes go; the part of `Deno.stdout` that is needed. */
export interface Sink {
  writeSync(bytes: Uint8Array): number;
}

/** What a terminal is made of. */
export interface TerminalOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** What standard output is called when it cannot be written, such as the name of a file. */
  readonly name?: string;
  /** Columns of standard output; absent when it is not a terminal. */
  readonly columns?: number;
  /** Colours on standard output. */
  readonly colour?: boolean;
  /** Colours on standard error. */
  readonly stderrColour?: boolean;
  /** Columns of standard error; absent when it is not a terminal. */
  readonly stderrColumns?: number;
}

/** The reader of standard output has gone, e.g. `| head`; there is nobody left to tell. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** SGR parameters of the styles in use; all of them are in the 16 colours of every terminal. */
const STYLES = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33", cyan: "36" } as const;

/** How a piece of text can look. */
export type Style = keyof typeof STYLES;

/** Written out at this many characters, and whenever a command flushes. */
const BUFFER_CHARACTERS = 32 * 1024;

/** Pause before a pipe that is full and does not block is tried again, in milliseconds. */
const FULL_PIPE_PAUSE_MS = 5;

/**
 * Standard output and standard error of one run. Output for people and scripts
 * goes to the first, diagnostics to the second. Text that a stranger wrote must
 * come through `printable()` or `jsonLine()` before it comes here.
 */
export class Terminal {
  /** Columns of standard output; infinite when it is not a terminal. */
  readonly width: number;
  /** Whether somebody is looking at standard output. */
  readonly interactive: boolean;
  /** Whether standard output gets colours. */
  readonly colour: boolean;
  /** Whether standard error gets colours. */
  readonly stderrColour: boolean;
  readonly #options: TerminalOptions;
  readonly #encoder = new TextEncoder();
  #pending = "";
  #closed = false;
  #status = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.interactive = options.columns !== undefined;
    this.width = options.columns ?? Infinity;
    this.colour = options.colour ?? false;
    this.stderrColour = options.stderrColour ?? false;
  }

  /**
   * Prints one line, or several with line breaks inside.
   *
   * @throws {OutputClosed} when nobody reads any more
   */
  out(line: string = ""): void {
    this.write(`${line}\n`);
  }

  /**
   * Prints text without a line break.
   *
   * @throws {OutputClosed} when nobody reads any more
   */
  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= BUFFER_CHARACTERS) this.flush();
  }

  /** Prints one diagnostic line on standard error, after everything printed so far. */
  err(line: string): void {
    if (!this.#closed) this.flush();
    this.#writeErr(`${this.#clearStatus()}${line}\n`);
  }

  /**
   * Shows a line on standard error that the next one takes the place of; nothing
   * where that is not a terminal.
   *
   * @param line harmless text without styles; takes the last one away when empty
   */
  status(line: string): void {
    const { stderrColumns } = this.#options;
    if (stderrColumns === undefined) return;
    const clear = this.#clearStatus();
    this.#status = line !== "";
    this.#writeErr(clear + cutToWidth(line, stderrColumns - 1));
  }

  #clearStatus(): string {
    const clear = this.#status ? "\r\x1b[2K" : "";
    this.#status = false;
    return clear;
  }

  #writeErr(text: string): void {
    if (text === "") return;
    try {
      writeAll(this.#options.stderr, this.#encoder.encode(text));
    } catch (error) {
      // A closed standard error leaves no way to say anything, and is no reason to stop the work.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }

  /**
   * Hands over what is buffered; call it when a step is done that somebody may be watching.
   *
   * @throws {OutputClosed} when nobody reads any more
   * @throws {Exit} with code 2 when it cannot be written, e.g. because the disk is full
   */
  flush(): void {
    if (this.#closed) throw new OutputClosed();
    const bytes = this.#encoder.encode(this.#pending);
    this.#pending = "";
    try {
      writeAll(this.#options.stdout, bytes);
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) {
        this.#closed = true;
        throw new OutputClosed();
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw new Exit(
        EXIT.usage,
        `cannot write ${this.#options.name ?? "standard output"}: ${reason}`,
      );
    }
  }

  /** Text in a style on standard output; unchanged without colours. */
  paint(style: Style, text: string): string {
    return this.colour ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }

  /** The same for standard error. */
  paintErr(style: Style, text: string): string {
    return this.stderrColour ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }
}

/** A pipe may take a part only, or, set not to block by its other end, nothing for the moment. */
function writeAll(sink: Sink, bytes: Uint8Array): void {
  for (let sent = 0; sent < bytes.length;) {
    try {
      sent += sink.writeSync(bytes.subarray(sent));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_PAUSE_MS);
    }
  }
}

/** The terminal of this process. Colours follow https://no-color.org and `TERM=dumb`. */
export function processTerminal(env: (name: string) => string | undefined): Terminal {
  const colourless = (env("NO_COLOR") ?? "") !== "" || env("TERM") === "dumb";
  const columns = Deno.stdout.isTerminal() ? consoleColumns() : undefined;
  const stderrColumns = Deno.stderr.isTerminal() ? consoleColumns() : undefined;
  return new Terminal({
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    ...(columns !== undefined && { columns }),
    colour: columns !== undefined && !colourless,
    stderrColour: stderrColumns !== undefined && !colourless,
    ...(stderrColumns !== undefined && { stderrColumns }),
  });
}

/** Columns; what a terminal without a size gets is what printed manuals assume. */
function consoleColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
