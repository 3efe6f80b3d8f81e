import { BusError } from "../bus.ts";
import { ConnectError } from "../connect_error.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";

const NO_BODY = new Uint8Array();

/** How long a peer may take to read that the connection ends, in milliseconds. */
const LEAVE_MS = 200;

/** Bytes that are read at once. */
const READ_BYTES = 64 * 1024;

/** One connection to DECNET's socket, from its greeting until it is lost or left. */
export class UnixLink {
  /** Resolves, with the reason, when the connection is gone. */
  readonly lost: Promise<string>;
  readonly #connection: Deno.UnixConn;
  /** The last write; the next one waits for it, since frames must not mix. */
  #written: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(
    connection: Deno.UnixConn,
    onEvent: (topic: string, body: Uint8Array) => void,
  ) {
    this.#connection = connection;
    this.lost = this.#readAll(onEvent);
  }

  /**
   * Connects and says who it is.
   *
   * @param onEvent told of each event, in order
   * @throws {ConnectError} when nobody listens there, or it may not be used
   */
  static async open(
    path: string,
    name: string,
    onEvent: (topic: string, body: Uint8Array) => void,
  ): Promise<UnixLink> {
    let connection: Deno.UnixConn;
    try {
      connection = await Deno.connect({ transport: "unix", path });
    } catch (error) {
      throw new ConnectError(`${path}: ${reasonOf(error)}`, isAbsence(error));
    }
    const link = new UnixLink(connection, onEvent);
    await link.send({ verb: "HELLO", argument: name, body: NO_BODY });
    return link;
  }

  /**
   * Writes one frame, behind those before it.
   *
   * @throws {FrameError} when it is too large
   * @throws {BusError} when the connection is gone
   */
  async send(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame);
    const written = this.#written.then(() => this.#writeAll(bytes));
    this.#written = written.catch(() => {});
    await written;
  }

  /** Takes leave and closes; a peer that no longer reads does not hold up the end. */
  async close(): Promise<void> {
    if (!this.#closed) {
      const goodbye = this.send({ verb: "BYE", argument: "", body: NO_BODY }).catch(() => {});
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, LEAVE_MS);
      await Promise.race([goodbye, promise]);
      clearTimeout(timer);
      this.#closeConnection();
    }
    await this.lost;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#connection.write(bytes.subarray(at));
      }
    } catch (error) {
      throw new BusError(`the connection to the socket broke: ${reasonOf(error)}`);
    }
  }

  async #readAll(onEvent: (topic: string, body: Uint8Array) => void): Promise<string> {
    const reader = new FrameReader();
    const chunk = new Uint8Array(READ_BYTES);
    try {
      while (true) {
        const count = await this.#connection.read(chunk);
        if (count === null) return "the other side closed the connection";
        for (const { verb, argument, body } of reader.read(chunk.subarray(0, count))) {
          if (verb === "EVT") onEvent(argument, body);
          if (verb === "BYE") return "the other side took its leave";
        }
      }
    } catch (error) {
      return error instanceof Error && error.name === "FrameError"
        ? `a malformed frame: ${error.message}`
        : reasonOf(error);
    } finally {
      this.#closeConnection();
    }
  }

  #closeConnection(): void {
    this.#closed = true;
    try {
      this.#connection.close();
    } catch {
      // It was closed already.
    }
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such socket";
  if (error instanceof Deno.errors.ConnectionRefused) return "nobody listens on the socket";
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied; the program's user must be in the group of the socket";
  }
  return error instanceof Error ? error.message : String(error);
}
