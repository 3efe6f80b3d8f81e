import { join } from "node:path";
import { Store } from "../../lib/store/store.ts";
import { programArguments } from "./program_arguments.ts";

/** The real program as a process, to be killed again and again over one database. */
export class CrashingWorker implements AsyncDisposable {
  /** Path of the database. */
  readonly database: string;
  readonly #folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-crash-" });
  readonly #args: readonly string[];
  #process: Deno.ChildProcess | undefined;

  /**
   * @param url NATS server
   * @param stream stream of the events
   */
  constructor(url: string, stream: string) {
    this.database = join(this.#folder, "ttp.db");
    this.#args = programArguments([
      ...["run", "--nats-url", url, "--stream", stream, "--db", this.database],
      ...["--announce-limit", "0", "--log-level", "error"],
    ]);
  }

  /** Starts the program. */
  start(): void {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [...this.#args],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  }

  /** Starts the program and kills it with SIGKILL after so many milliseconds. */
  async live(ms: number): Promise<void> {
    this.start();
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, ms);
    await promise;
    await this.#end("SIGKILL");
  }

  /** Whether no announcement waits any more. */
  outboxIsEmpty(): boolean {
    using store = Store.open(this.database, { access: "read_only", check: false });
    return store.outbox.count() === 0;
  }

  /** Ends the program in an orderly way. */
  async stop(): Promise<void> {
    const status = await this.#end("SIGTERM");
    // With nothing left to do it is asked so early that it does not listen for signals yet: 143.
    if (status?.code !== 0 && status?.code !== 143) {
      throw new Error(`the worker ended with ${status?.code}`);
    }
  }

  /** Ends the program and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGKILL");
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #end(signal: Deno.Signal): Promise<Deno.CommandStatus | undefined> {
    const ending = this.#process;
    this.#process = undefined;
    try {
      ending?.kill(signal);
    } catch (error) {
      // It has ended by itself, e.g. on a server that is away.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    return await ending?.status;
  }
}
