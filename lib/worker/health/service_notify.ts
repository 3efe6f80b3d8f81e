import { getLogger } from "@logtape/logtape";

/** Where systemd listens: a path, or an abstract name after an `@`. See sd_notify(3). */
const SOCKET_VARIABLE = "NOTIFY_SOCKET";

/** Microseconds within which systemd wants a sign of life. See sd_watchdog_enabled(3). */
const WATCHDOG_VARIABLE = "WATCHDOG_USEC";

/** The process that the watchdog is meant for; absent means this one. */
const WATCHDOG_PROCESS_VARIABLE = "WATCHDOG_PID";

/** Signs of life within one watchdog time, so that a late one does no harm; systemd advises 2. */
const SIGNS_PER_WATCHDOG_TIME = 3;

const log = getLogger(["ttp", "worker"]);

/** What a service manager and this process have agreed on, as the environment says it. */
export interface NotifyOptions {
  readonly env: (name: string) => string | undefined;
  /** Clock, in milliseconds; only differences count. */
  readonly now?: () => number;
}

/**
 * Tells systemd (`Type=notify`) how the service is: READY, WATCHDOG, STOPPING.
 * Without a service manager nothing is sent. A service manager that cannot be
 * reached is logged once and stops nothing: it will act by its own time limits.
 */
export class ServiceNotify implements AsyncDisposable {
  /** Milliseconds within which a sign of life is wanted; nothing when there is no watchdog. */
  readonly watchdogMs: number | undefined;
  readonly #now: () => number;
  readonly #target: Deno.UnixAddr | undefined;
  #socket: Deno.DatagramConn | undefined;
  #sending: Promise<unknown> = Promise.resolve();
  #lastSign = -Infinity;

  /** @param options the environment as it was when the process began */
  constructor({ env, now = () => performance.now() }: NotifyOptions) {
    this.#now = now;
    this.#target = socketAddress(env(SOCKET_VARIABLE));
    if (this.#target === undefined) return;
    this.watchdogMs = watchdogMs(env);
    try {
      // A sender without a name of its own cannot be had here; an abstract one leaves no file behind.
      const path = `\0decnet-ttp-${crypto.randomUUID()}`;
      this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
    } catch (error) {
      giveUp(error);
    }
  }

  /** Everything is proven, opened and subscribed. */
  ready(status: string): void {
    this.#send(`READY=1\nSTATUS=${oneLine(status)}`);
  }

  /** One line for `systemctl status`. */
  status(text: string): void {
    this.#send(`STATUS=${oneLine(text)}`);
  }

  /** A sign of life. Call it as often as you like from the work that is watched: most calls send nothing. */
  alive(): void {
    if (this.watchdogMs === undefined) return;
    const now = this.#now();
    if (now - this.#lastSign < this.watchdogMs / SIGNS_PER_WATCHDOG_TIME) return;
    this.#lastSign = now;
    this.#send("WATCHDOG=1");
  }

  /** The end has begun; what is left may take a while. */
  stopping(): void {
    this.#send("STOPPING=1");
  }

  /** Waits until all of it is sent, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sending;
    this.#socket?.close();
    this.#socket = undefined;
  }

  #send(text: string): void {
    const socket = this.#socket;
    const target = this.#target;
    if (socket === undefined || target === undefined) return;
    const bytes = new TextEncoder().encode(text);
    // One after the other, so that systemd hears of the start before the end.
    this.#sending = this.#sending.then(async () => {
      if (this.#socket !== socket) return;
      try {
        await socket.send(bytes, target);
      } catch (error) {
        giveUp(error);
        socket.close();
        this.#socket = undefined;
      }
    });
  }
}

function socketAddress(named: string | undefined): Deno.UnixAddr | undefined {
  if (named === undefined || named === "") return undefined;
  if (named.startsWith("/")) return { transport: "unixpacket", path: named };
  if (named.startsWith("@")) return { transport: "unixpacket", path: `\0${named.slice(1)}` };
  giveUp(`${SOCKET_VARIABLE}=${named} is neither a path nor an abstract name`);
  return undefined;
}

function watchdogMs(env: NotifyOptions["env"]): number | undefined {
  const meant = env(WATCHDOG_PROCESS_VARIABLE) || String(Deno.pid);
  const microseconds = Number(env(WATCHDOG_VARIABLE));
  if (meant !== String(Deno.pid) || !(microseconds > 0)) return undefined;
  return microseconds / 1_000;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function giveUp(error: unknown): void {
  log.warn("the service manager is told nothing: {reason}", {
    reason: error instanceof Error ? error.message : String(error),
  });
}
