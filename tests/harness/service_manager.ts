/** A service manager's end of the socket that NOTIFY_SOCKET names. */
export class ServiceManager implements Disposable {
  readonly #socket: Deno.DatagramConn;

  /** @param path a path, or an abstract name after a zero byte */
  constructor(path: string) {
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
  }

  /** The next message. */
  async heard(): Promise<string> {
    const [bytes] = await this.#socket.receive();
    return new TextDecoder().decode(bytes);
  }

  /** The next message that begins like this; others before it are passed over. */
  async heardUntil(beginning: string): Promise<string> {
    while (true) {
      const message = await this.heard();
      if (message.startsWith(beginning)) return message;
    }
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
