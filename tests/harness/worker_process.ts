import { until } from "./until.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** How a worker is started. */
export interface WorkerProcessOptions {
  readonly url: string;
  /** Stream of the events. */
  readonly stream: string;
  /** Path of the database, as the worker sees it. */
  readonly database: string;
  /** Program and arguments that start the worker in a place of their making; the worker's own follow them. */
  readonly launcher?: readonly string[];
}

/** The real program at work on a stream, as a process. */
export class WorkerProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #log = "";

  /** Starts it. */
  constructor({ url, stream, database, launcher = [] }: WorkerProcessOptions) {
    const [program, ...args] = [
      ...launcher,
      ...[Deno.execPath(), "run", "-A", "--no-check", "--quiet", MAIN, "run"],
      ...["--nats-url", url, "--stream", stream, "--db", database, "--announce-limit", "0"],
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
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    let ended = false;
    void this.#process.status.then(() => ended = true);
    await until(what, () => {
      if (ended) throw new Error(`the worker ended before ${what}:\n${this.#log}`);
      return holds();
    });
  }

  /** Ends it in an orderly way, and demands that it is one. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    const { code } = await this.#process.status;
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
