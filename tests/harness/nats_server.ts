import { join } from "node:path";
import { findNatsServer, HOW_TO_GET_IT } from "./nats_binary.ts";
import { until } from "./until.ts";

/** How a server for a test is set up; it listens on a free port of 127.0.0.1. */
export interface NatsServerOptions {
  /** Keeps streams in a folder that lasts as long as this object, restarts included. */
  readonly jetstream?: boolean;
  /** JetStream domain; only with `jetstream`. */
  readonly domain?: string;
  /** Opens a port for leaf nodes as well. */
  readonly leafnodes?: boolean;
  /** More lines for the configuration file, e.g. `authorization { … }`. */
  readonly config?: string;
}

/** A server that has not said by then that it is ready is broken; in milliseconds. */
const START_TIMEOUT_MS = 20_000;

const LISTENING_REGEXP = /Listening for (client|leafnode) connections on \S+:(\d+)/g;
const READY_REGEXP = /Server is ready/;

/**
 * A real nats-server process for tests. It keeps its ports and its streams over
 * `stop()` and `restart()`; the end of `await using` removes all of it.
 */
export class NatsServer implements AsyncDisposable {
  readonly #options: NatsServerOptions;
  readonly #folder: string;
  #config: string;
  /** -1 lets the server choose. */
  #port = -1;
  #leafPort = -1;
  #process: Deno.ChildProcess | undefined;
  #logRead: Promise<void> = Promise.resolve();
  #log = "";

  private constructor(options: NatsServerOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#config = options.config ?? "";
  }

  /**
   * Starts a server and waits until it takes connections.
   *
   * @throws {Error} when there is no nats-server, saying how to get it, or when it does not start
   */
  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const folder = await Deno.makeTempDir({ prefix: "nats-server-test-" });
    const server = new NatsServer(options, folder);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Address for clients, without credentials. */
  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Port for clients. */
  get port(): number {
    return this.#port;
  }

  /** Address for leaf nodes. */
  get leafUrl(): string {
    return `nats-leaf://127.0.0.1:${this.#leafPort}`;
  }

  /** What the server has said since its last start. */
  get log(): string {
    return this.#log;
  }

  /** Starts the server again, on the same ports; one that runs is stopped first. */
  async restart(): Promise<void> {
    await this.stop();
    const binary = findNatsServer();
    if (binary === undefined) throw new Error(HOW_TO_GET_IT);
    await this.#writeConfig();
    this.#log = "";
    this.#process = spawn(binary, this.#configFile);
    const ready = Promise.withResolvers<void>();
    this.#logRead = this.#readLog(this.#process.stderr, ready);
    const timer = setTimeout(
      () => ready.reject(new Error(`nats-server does not become ready:\n${this.#log}`)),
      START_TIMEOUT_MS,
    );
    try {
      await ready.promise;
    } catch (error) {
      await this.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    for (const [, kind, port] of this.#log.matchAll(LISTENING_REGEXP)) {
      if (kind === "client") this.#port = Number(port);
      else this.#leafPort = Number(port);
    }
  }

  /** Ends the server in an orderly way. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Ends the server as a power cut would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Sends a signal to the running server. */
  signal(signal: Deno.Signal): void {
    this.#process?.kill(signal);
  }

  /** Makes the server hang, connections and all, until `resume()`. */
  async pause(): Promise<void> {
    this.signal("SIGSTOP");
    // The signal takes effect when a thread of the server gets to run.
    while (!await this.#isStopped()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Lets it go on. */
  resume(): void {
    this.signal("SIGCONT");
  }

  /** Replaces the extra lines of the configuration; in force after the next start. */
  set config(config: string) {
    this.#config = config;
  }

  /** Replaces the extra lines of the configuration in the running server, which keeps its connections. */
  async reload(config: string): Promise<void> {
    this.#config = config;
    await this.#writeConfig();
    const before = this.#log.length;
    this.signal("SIGHUP");
    await until(
      "the server has read its configuration again",
      () => this.#log.slice(before).includes("Reloaded server configuration"),
    );
  }

  /** Ends the server and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** Whether every thread stands still, as Linux tells it. */
  async #isStopped(): Promise<boolean> {
    const threads = `/proc/${this.#process?.pid}/task`;
    for await (const { name } of Deno.readDir(threads)) {
      const status = await Deno.readTextFile(`${threads}/${name}/status`);
      if (!/^State:\tT/m.test(status)) return false;
    }
    return true;
  }

  get #configFile(): string {
    return join(this.#folder, "nats-server.conf");
  }

  async #writeConfig(): Promise<void> {
    const { jetstream, domain, leafnodes } = this.#options;
    const lines = [`listen: "127.0.0.1:${this.#port}"`, this.#config];
    if (jetstream) {
      const store = JSON.stringify(join(this.#folder, "jetstream"));
      lines.push(`jetstream { store_dir: ${store}${domain ? `, domain: ${domain}` : ""} }`);
    }
    if (leafnodes) lines.push(`leafnodes { listen: "127.0.0.1:${this.#leafPort}" }`);
    await Deno.writeTextFile(this.#configFile, lines.join("\n"));
  }

  async #readLog(
    stderr: ReadableStream<Uint8Array>,
    ready: PromiseWithResolvers<void>,
  ): Promise<void> {
    for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
      this.#log += text;
      if (READY_REGEXP.test(this.#log)) ready.resolve();
    }
    ready.reject(new Error(`nats-server does not start:\n${this.#log}`));
  }

  async #end(signal: Deno.Signal): Promise<void> {
    const ending = this.#process;
    if (ending === undefined) return;
    this.#process = undefined;
    try {
      ending.kill(signal);
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    await ending.status;
    await this.#logRead;
  }
}

function spawn(binary: string, configFile: string): Deno.ChildProcess {
  try {
    return new Deno.Command(binary, {
      args: ["-c", configFile],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new Error(`${HOW_TO_GET_IT} (${binary} cannot be run)`, { cause: error });
  }
}
