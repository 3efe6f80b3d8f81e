import { encodeFrame, FrameReader } from "../../lib/bus/unix/frames.ts";
import { subjectMatches } from "../../lib/bus/subjects.ts";

/**
 * The other end of DECNET's socket, as its description says: it hands each
 * published envelope to every client that has subscribed to a pattern of its
 * topic, confirms nothing, and keeps nothing.
 */
export class DecnetSocket implements AsyncDisposable {
  readonly path: string;
  /** Names that clients have said. */
  readonly names: string[] = [];
  readonly #folder: string;
  readonly #listener: Deno.UnixListener;
  readonly #clients = new Map<Deno.UnixConn, Set<string>>();
  readonly #serving: Promise<void>;

  private constructor(folder: string, path: string) {
    this.#folder = folder;
    this.path = path;
    this.#listener = Deno.listen({ transport: "unix", path });
    this.#serving = this.#serve();
  }

  /** Listens on a new socket, or again on one that was left. */
  static start(path?: string): DecnetSocket {
    const folder = Deno.makeTempDirSync();
    return new DecnetSocket(folder, path ?? `${folder}/bus.sock`);
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Sends an event to all who have subscribed to it. */
  async emit(topic: string, body: Uint8Array): Promise<void> {
    const frame = encodeFrame({ verb: "EVT", argument: topic, body });
    for (const [connection, patterns] of this.#clients) {
      if (patterns.values().some((pattern) => subjectMatches(pattern, topic))) {
        await writeAll(connection, frame);
      }
    }
  }

  /** Sends bytes that need not be a frame to everybody. */
  async sendRaw(bytes: Uint8Array): Promise<void> {
    for (const connection of this.#clients.keys()) {
      await writeAll(connection, bytes).catch(() => {});
    }
  }

  /** Stops listening and drops all clients; the socket's file goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#clients.keys()) close(connection);
    await this.#serving;
    await Deno.remove(this.path).catch(() => {});
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #serve(): Promise<void> {
    const talks: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) {
        this.#clients.set(connection, new Set());
        talks.push(this.#talk(connection));
      }
    } catch {
      // The listener was closed.
    }
    await Promise.all(talks);
  }

  async #talk(connection: Deno.UnixConn): Promise<void> {
    const patterns = this.#clients.get(connection)!;
    const reader = new FrameReader();
    const chunk = new Uint8Array(64 * 1024);
    try {
      for (let count = await connection.read(chunk); count !== null;) {
        for (const { verb, argument, body } of reader.read(chunk.subarray(0, count))) {
          if (verb === "HELLO") this.names.push(argument);
          else if (verb === "SUB") patterns.add(argument);
          else if (verb === "UNSUB") patterns.delete(argument);
          else if (verb === "PUB") await this.emit(argument, body);
          else if (verb === "BYE") return;
        }
        count = await connection.read(chunk);
      }
    } catch {
      // The client is gone, or was dropped.
    } finally {
      this.#clients.delete(connection);
      close(connection);
    }
  }
}

async function writeAll(connection: Deno.UnixConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function close(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}
