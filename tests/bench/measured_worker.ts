import { join } from "node:path";
import { Store } from "../../lib/store/store.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { until } from "../harness/until.ts";
import { shippedProgram } from "./shipped_program.ts";

const PUBLISHER = new URL("publisher.ts", import.meta.url).pathname;

/** Longest time that a part of a run may take, in milliseconds. */
const PATIENCE_MS = 900_000;

/** Between two looks at what the worker has handled, in milliseconds; each costs it a little. */
const LOOK_MS = 100;

/**
 * Events that are on their way at most: what a worker does in some tenths of a second,
 * so that it never waits for them, and nothing is dropped or piles up in memory.
 */
const WINDOW = 25_000;

/** What the publisher sends. */
export type Mix = "storm" | "sessions" | "no_match";

/** How long something took, and what it left. */
export interface Run {
  readonly seconds: number;
  readonly newTags: number;
}

/** How a worker is measured. */
export interface MeasuredWorkerOptions {
  /** Server that others use too; one of its own when absent. */
  readonly server?: NatsServer;
  /** Further options of `run`. */
  readonly args?: readonly string[];
}

/** A real server and the real program at work on it, each a process, with what is measured of them. */
export class MeasuredWorker implements AsyncDisposable {
  /** From the start of the process to the line that says `ready`, in milliseconds. */
  readonly startMs: number;
  readonly server: NatsServer;
  readonly #ownServer: boolean;
  readonly #folder: string;
  readonly #port: number;
  readonly #process: Deno.ChildProcess;
  readonly #log: Promise<void>;
  #published = 0;

  private constructor(
    { server, ownServer, folder, port }: Place,
    process: Deno.ChildProcess,
    log: Promise<void>,
    startMs: number,
  ) {
    this.server = server;
    this.#ownServer = ownServer;
    this.#folder = folder;
    this.#port = port;
    this.#process = process;
    this.#log = log;
    this.startMs = startMs;
  }

  /** Starts the worker, and the server when there is none yet. */
  static async start(options: MeasuredWorkerOptions = {}): Promise<MeasuredWorker> {
    const server = options.server ?? await NatsServer.start();
    const folder = await Deno.makeTempDir({ prefix: "ttp-bench-" });
    const port = freePort();
    const args = ["run", "--nats-url", server.url, "--db", join(folder, "ttp.db")];
    const command = await shippedProgram(
      [...args, "--http", `127.0.0.1:${port}`, ...options.args ?? []],
      { stdin: "null", stdout: "null", stderr: "piped" },
    );
    const from = performance.now();
    const process = command.spawn();
    const ready = Promise.withResolvers<void>();
    const log = readLog(process, ready.resolve);
    await Promise.race([ready.promise, log.then(() => Promise.reject(new Error("no start")))]);
    const startMs = performance.now() - from;
    const place = { server, ownServer: options.server === undefined, folder, port };
    const worker = new MeasuredWorker(place, process, log, startMs);
    await until("the worker is connected", () => worker.#isConnected());
    return worker;
  }

  /** Publishes events and waits until all are handled; none may be dropped or left over. */
  async publish(mix: Mix, count: number, first: number): Promise<Run> {
    const tagsBefore = this.tags();
    const already = this.#published;
    const from = performance.now();
    const publisher = startPublisher(this.server.url, mix, [count, first, WINDOW]);
    const writer = publisher.stdin.getWriter();
    let begun = from;
    let handled = 0;
    let gone = false;
    void publisher.status.then(() => gone = true);
    while (handled < count) {
      const { events, dropped } = await this.counts();
      if (dropped > 0) throw new Error(`${dropped} events were dropped`);
      // The publisher prepares its commands first; that is no work of the worker.
      if (handled === 0) begun = performance.now();
      handled = events - already;
      if (!gone) await writer.write(new TextEncoder().encode(`${handled}\n`)).catch(() => {});
      if (performance.now() - from > PATIENCE_MS) throw new Error(`only ${handled} were handled`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const seconds = (performance.now() - begun) / 1000;
    await writer.close().catch(() => {});
    if (!(await publisher.status).success) throw new Error("the publisher failed");
    this.#published += count;
    const { events } = await this.counts();
    if (events !== this.#published) {
      throw new Error(`${this.#published} events were published, ${events} handled`);
    }
    return { seconds, newTags: this.tags() - tagsBefore };
  }

  /** Says that an event was published by other means. */
  countPublished(events: number): void {
    this.#published += events;
  }

  /** Tags in the database. */
  tags(): number {
    using store = Store.open(this.#database, { access: "read_only", check: false });
    return store.tags.count();
  }

  /** Resident memory of the worker, in MiB. */
  residentMiB(): number {
    const status = Deno.readTextFileSync(`/proc/${this.#process.pid}/status`);
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  }

  /** The database with its write-ahead log, in MiB. */
  databaseMiB(): number {
    let bytes = 0;
    for (const { name } of Deno.readDirSync(this.#folder)) {
      bytes += Deno.statSync(join(this.#folder, name)).size;
    }
    return bytes / 1024 / 1024;
  }

  /** Ends both and removes what they wrote. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await this.#log;
    if (this.#ownServer) await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #database(): string {
    return join(this.#folder, "ttp.db");
  }

  async #isConnected(): Promise<boolean> {
    try {
      return sum(await this.#metrics(), "decnet_ttp_bus_connected") === 1;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }

  async #metrics(): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text();
  }

  /** Events handled and dropped since the start. */
  async counts(): Promise<{ readonly events: number; readonly dropped: number }> {
    const text = await this.#metrics();
    return {
      events: sum(text, "decnet_ttp_events_total"),
      dropped: sum(text, "decnet_ttp_dropped_total"),
    };
  }
}

/** Where a worker is. */
interface Place {
  readonly server: NatsServer;
  readonly ownServer: boolean;
  readonly folder: string;
  readonly port: number;
}

/**
 * Starts the publisher; see there.
 *
 * @param numbers count, first number and window
 */
export function startPublisher(
  url: string,
  mix: Mix,
  numbers: readonly number[],
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", PUBLISHER, url, mix, ...numbers.map(String)],
    stdin: "piped",
  }).spawn();
}

function sum(text: string, metric: string): number {
  let total = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith(metric)) total += Number(line.slice(line.lastIndexOf(" ")));
  }
  return total;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function readLog(process: Deno.ChildProcess, ready: () => void): Promise<void> {
  for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
    if (text.includes("ready: ")) ready();
  }
}
