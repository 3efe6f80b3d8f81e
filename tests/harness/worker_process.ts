import { programArguments } from "./program_arguments.ts";
import { until } from "./until.ts";

/** How a worker is started. */
export interface WorkerProcessOptions {
  readonly url: string;
  /** Stream of the events; plain subscriptions when absent. */
  readonly stream?: string;
  /** Path of the database, as the worker sees it. */
  readonly database: string;
  /** Program and arguments that start the worker in a place of their making; the worker's own follow them. */
  readonly launcher?: readonly string[];
  /** More arguments of `run`. */
  readonly args?: readonly string[];
  /** Flags of the runtime, e.g. a limit on its memory. */
  readonly runtimeFlags?: readonly string[];
}

/** The real program at work, as a process with the program's own permissions. */
export class WorkerProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #log = "";

  /** Starts it. */
  constructor(options: WorkerProcessOptions) {
    const { url, stream, database, launcher = [], args: more = [], runtimeFlags = [] } = options;
    const [program, ...args] = [
      ...launcher,
      Deno.execPath(),
      ...programArguments([
        ...["run", "--nats-url", url, "--db", database, "--announce-limit", "0"],
        ...(stream === undefined ? [] : ["--stream", stream]),
        ...more,
      ], runtimeFlags),
    ];
    this.#process = new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** What it has said. */
  get log(): string {
    return this.#log;
  }

  /** Waits for a condition; a worker that has ended is not waited for. */
  async until(
    what: string,
    holds: () => boolean | Promise<boolean>,
    timeoutMs?: number,
  ): Promise<void> {
    let ended = false;
    void this.#process.status.then(() => ended = true);
    await until(what, () => {
      if (ended) throw new Error(`the worker ended before ${what}:\n${this.#log}`);
      return holds();
    }, timeoutMs);
  }

  /** Ends it at once, as a crash would; see `ended`. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Resolves once it has ended. */
  get ended(): Promise<unknown> {
    return this.#process.status;
  }

  /**
   * Ends it in an orderly way.
   *
   * @throws {Error} when it has not ended with 0 after so many milliseconds
   */
  async stop(limitMs = 20_000): Promise<void> {
    this.#process.kill("SIGTERM");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const late = () => reject(new Error(`still there after ${limitMs} ms:\n${this.#log}`));
      timer = setTimeout(late, limitMs);
    });
    const { code } = await Promise.race([this.#process.status, tooLate])
      .finally(() => clearTimeout(timer));
    await this.#reading;
    if (code !== 0) throw new Error(`the worker ended with ${code}:\n${this.#log}`);
  }

  /** Ends it at once where it still lives. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    await this.#process.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#log += text;
    }
  }
}
