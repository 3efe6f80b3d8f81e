import type { ConnectionOptions } from "nats/core";
import { NatsConnectionImpl, setTransportFactory, type Transport } from "nats/transport";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

/** Options of one connection. */
export interface TransportOptions extends ConnectionOptions {
  /** Gives up while connecting. */
  readonly signal: AbortSignal;
}

/** Longest first line of a server; real ones have a few hundred bytes. */
const MAX_GREETING_BYTES = 64 * 1024;

const GREETING_REGEXP = /^INFO\s+(\{[^\r\n]*)\r\n/i;

/** A server's first line, read and as it came. */
interface Greeting {
  readonly info: { readonly tls_required?: boolean; readonly tls_available?: boolean };
  readonly line: Uint8Array;
}

/** Opens a connection of the NATS client over a socket of ours. */
export function openConnection(
  options: TransportOptions,
): ReturnType<typeof NatsConnectionImpl.connect> {
  setTransportFactory({ factory: () => new SocketTransport() });
  return NatsConnectionImpl.connect({ ...options, resolve: false });
}

/**
 * The socket under the NATS client. The transport that comes with the client
 * takes its listener off a socket whose error may still be on the way, which
 * ends the process; it keeps the socket of a server that says nothing; and it
 * reads without bound from a port that speaks another protocol.
 */
class SocketTransport implements Transport {
  readonly lang = "typescript";
  readonly version = "1";
  closeError?: Error;
  readonly #closed = Promise.withResolvers<void | Error>();
  #socket: Socket | TLSSocket | undefined;
  #error: Error | undefined;
  /** Told while connecting that it cannot succeed any more. */
  #fail: (error: Error) => void = () => {};
  #connected = false;
  #done = false;
  #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;

  get isClosed(): boolean {
    return this.#done;
  }

  async connect(
    server: { readonly hostname: string; readonly port: number },
    options: ConnectionOptions,
  ): Promise<void> {
    const { signal } = options as TransportOptions;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    this.#fail = failed.reject;
    const giveUp = () => this.#finish(new Error("given up, since the bus is closed"));
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      await Promise.race([failed.promise, this.#handshake(server, options)]);
      this.#connected = true;
    } finally {
      signal.removeEventListener("abort", giveUp);
      if (!this.#connected) this.#finish(this.#error);
    }
  }

  async #handshake(
    { hostname: host, port }: { readonly hostname: string; readonly port: number },
    { tls }: ConnectionOptions,
  ): Promise<void> {
    const tlsOptions = { host, ...(isIP(host) === 0 && { servername: host }), ...tls };
    if (tls?.handshakeFirst === true) {
      await this.#secured(this.#own(connectTls({ ...tlsOptions, port })));
      await this.#greeting();
      return;
    }
    const plain = this.#own(connectTcp({ host, port, noDelay: true }));
    const { info, line } = await this.#greeting();
    if (tls && !info.tls_required && !info.tls_available) {
      throw new Error("the server does not offer TLS, which the settings insist on");
    }
    if (!info.tls_required && !info.tls_available) return;
    plain.removeAllListeners("data");
    // What somebody on the way put behind the greeting must not pass as the server's word.
    this.#chunks = [line];
    await this.#secured(this.#own(connectTls({ ...tlsOptions, socket: plain })));
  }

  /** Listens for as long as the socket exists: an error without a listener ends the process. */
  #own<S extends Socket>(socket: S): S {
    this.#socket = socket;
    socket.on("error", (error) => {
      this.#error ??= error;
      this.#fail(error);
    });
    socket.on("data", (read: Uint8Array<ArrayBuffer>) => {
      this.#chunks.push(taken(read));
      this.#wake?.();
    });
    socket.on("close", () => {
      if (socket === this.#socket) this.#finish(this.#error);
    });
    if (this.#done) socket.destroy();
    return socket;
  }

  #secured(socket: TLSSocket): Promise<void> {
    return new Promise((resolve, reject) =>
      socket.once("secureConnect", () => {
        if (socket.authorized) resolve();
        else reject(socket.authorizationError);
      })
    );
  }

  /** Waits for the server's first line, which stays to be read by the client. */
  async #greeting(): Promise<Greeting> {
    while (true) {
      const heard = concat(this.#chunks);
      const text = new TextDecoder("latin1").decode(heard);
      const [line, json] = GREETING_REGEXP.exec(text) ?? [];
      if (line !== undefined && json !== undefined) {
        return { info: JSON.parse(json), line: heard.slice(0, line.length) };
      }
      const begin = text.slice(0, 5).toUpperCase();
      if (!"INFO ".startsWith(begin) || heard.length > MAX_GREETING_BYTES) {
        const shown = JSON.stringify(text.slice(0, 20));
        throw new Error(`what answers there is not a NATS server: it says ${shown}`);
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      while (true) {
        const chunks = this.#chunks;
        this.#chunks = [];
        yield* chunks;
        if (this.#chunks.length > 0) continue;
        if (this.#done) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      // The client stops reading, and would wait for ever, when it cannot make sense of a chunk.
      this.#finish(new Error("the server does not speak the NATS protocol"));
    }
  }

  isEncrypted(): boolean {
    return this.#socket !== undefined && "authorized" in this.#socket;
  }

  send(frame: Uint8Array): void {
    if (!this.#done) this.#socket?.write(frame);
  }

  close(error?: Error): Promise<void> {
    this.#finish(error);
    return Promise.resolve();
  }

  disconnect(): void {
    this.#finish();
  }

  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  discard(): void {
    this.#connected = false;
    this.#finish();
  }

  #finish(error?: Error): void {
    if (this.#done) return;
    this.#done = true;
    if (error !== undefined) this.closeError = error;
    this.#socket?.destroy();
    this.#fail(error ?? new Error("connection closed by the server without a word"));
    this.#wake?.();
    // The client counts a connection as lost only after it was made.
    if (this.#connected) this.#closed.resolve(error);
  }
}

/**
 * What was read, as plain bytes of which messages may be views: a `Buffer` slices and
 * prints differently. The runtime allocates 64 KiB for a read, however little comes,
 * and would keep them until garbage is collected, unaware of how much there is.
 */
function taken(read: Uint8Array<ArrayBuffer>): Uint8Array {
  const copy = new Uint8Array(read);
  if (read.byteLength === read.buffer.byteLength) read.buffer.transfer(0);
  return copy;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
