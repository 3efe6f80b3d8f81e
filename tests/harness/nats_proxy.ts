/** A way to a NATS server on which what clients send to some subjects can be led elsewhere. */
export class NatsProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serverPort: number;
  readonly #connections = new Set<Deno.Conn>();
  readonly #serving: Promise<void>;
  #detour: readonly [from: string, to: string] | undefined;

  /** @param serverPort port of the server on 127.0.0.1 */
  constructor(serverPort: number) {
    this.#serverPort = serverPort;
    this.#serving = this.#serve();
  }

  /** Address for clients. */
  get url(): string {
    return `nats://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  /**
   * Replaces a text by another one in all that clients send, until `mend()`.
   *
   * @throws {RangeError} when they differ in length, which would break the protocol
   */
  detour(from: string, to: string): void {
    if (from.length !== to.length) throw new RangeError(`${to} is not as long as ${from}`);
    this.#detour = [from, to];
  }

  /** Lets everything through as it is. */
  mend(): void {
    this.#detour = undefined;
  }

  /** Hangs up on everybody. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const serving: Promise<void>[] = [];
    for await (const client of this.#listener) serving.push(this.#connect(client));
    await Promise.all(serving);
  }

  async #connect(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#serverPort });
    for (const connection of [client, server]) this.#connections.add(connection);
    await Promise.all([
      this.#pass(client, server, (read) => this.#replaced(read)),
      this.#pass(server, client, (read) => read),
    ]);
  }

  async #pass(
    from: Deno.Conn,
    to: Deno.Conn,
    changed: (read: Uint8Array) => Uint8Array,
  ): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      while (true) {
        const count = await from.read(buffer);
        if (count === null) break;
        let left = changed(buffer.slice(0, count));
        while (left.length > 0) left = left.subarray(await to.write(left));
      }
    } catch {
      // One side has hung up: the other is told so.
    }
    close(from);
    close(to);
  }

  #replaced(read: Uint8Array): Uint8Array {
    if (this.#detour === undefined) return read;
    const text = new TextDecoder("latin1").decode(read).replaceAll(...this.#detour);
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    // The other direction has closed it.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
