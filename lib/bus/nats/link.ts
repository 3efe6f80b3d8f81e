import { type NatsConnection, PermissionViolationError, type Status } from "nats/core";
import { BusError, type Publication } from "../bus.ts";
import { ConnectError } from "../connect_error.ts";
import type { BusEventListener } from "../bus_event.ts";
import { CONFIRMED, notPermitted, type PublishOutcome, type Refused } from "../publish_outcome.ts";
import { MSG_ID_HEADER_BYTES, withMsgId } from "./msg_id.ts";
import { isAbsence, networkReason } from "./network_reason.ts";
import { type NatsLogin, redact } from "./login.ts";
import { addressText, type NatsAddress } from "./settings.ts";
import { openConnection } from "./transport.ts";
import { withoutPrefix, withPrefix } from "../subjects.ts";

/** What makes a link. */
export interface LinkOptions {
  readonly address: NatsAddress;
  readonly login: NatsLogin;
  /** Put before every subject; empty for none. */
  readonly prefix: string;
  /** Name that the server shows for this client. */
  readonly name: string;
  /** For reaching the server and for its confirmations. */
  readonly timeoutMs: number;
  /** Pause between pings; the third one without an answer ends the link. */
  readonly pingIntervalMs: number;
  readonly onEvent: BusEventListener;
}

/** A subscription on one link. */
export interface LinkSubscription {
  /** Stops the server's deliveries and waits for those on the way, not for ever. */
  drain(): Promise<void>;
}

/** A server that has not confirmed by then that a subscription or connection ends is left all the same; in milliseconds. */
const LEAVE_MS = 1_000;

/**
 * Told of a subject, without the deployment's prefix, that the server does not let this user
 * publish to.
 *
 * @returns whether a publication of the listener's on that subject is under way
 */
export type RefusalListener = (subject: string) => boolean;

/**
 * One connection to one NATS server, from its handshake to its loss. It does not
 * reconnect; whoever owns it makes a new one.
 */
export class NatsLink {
  /** The client library's connection, for JetStream. */
  readonly connection: NatsConnection;
  /** Settles once, with the reason, when the link is gone; never rejects. */
  readonly lost: Promise<string>;
  readonly #options: LinkOptions;
  readonly #ended = Promise.withResolvers<string>();
  /** Confirmations under way, to be told when the link is lost. */
  readonly #waiting = new Set<(reason: string) => void>();
  /** Publications under way, to be told which subjects the server refuses: its error names no more. */
  readonly #refusalListeners = new Set<RefusalListener>();
  #reason: string | undefined;
  #lastError: string | undefined;

  private constructor(connection: NatsConnection, options: LinkOptions) {
    this.connection = connection;
    this.#options = options;
    this.lost = this.#ended.promise;
    void this.#watch();
    void connection.closed().then((error) =>
      this.#end(error instanceof Error ? error.message : "connection closed by the server")
    );
  }

  /**
   * Connects and logs in.
   *
   * @throws {ConnectError} when that is not possible, with the reason in plain words
   */
  static async open(options: LinkOptions, signal: AbortSignal): Promise<NatsLink> {
    const { address, login, name, timeoutMs, pingIntervalMs } = options;
    try {
      const connection = await openConnection({
        servers: [addressText(address)],
        name,
        timeout: timeoutMs,
        pingInterval: pingIntervalMs,
        signal,
        reconnect: false,
        ignoreClusterUpdates: true,
        // A stack trace for each request would cost more than the request.
        noAsyncTraces: true,
        ...(login.tls !== undefined && { tls: login.tls }),
        ...(login.authenticator !== undefined && { authenticator: login.authenticator }),
      });
      return new NatsLink(connection, options);
    } catch (error) {
      const reason = error instanceof Error
        ? networkReason(error)
        : "the server broke off the connection during the login";
      throw new ConnectError(
        `${addressText(address)}: ${redact(reason, login.secrets)}`,
        error instanceof Error && isAbsence(error),
      );
    }
  }

  /** Address and version of the server, and an id that it makes anew at each of its starts. */
  get server(): { readonly address: string; readonly version: string; readonly id: string } {
    const { version = "unknown", server_id: id = "" } = this.connection.info ?? {};
    return { address: addressText(this.#options.address), version, id };
  }

  /** Whether it has not been lost yet. */
  get isLive(): boolean {
    return this.#reason === undefined;
  }

  /** Whether the server is of this version or a later one. */
  isAtLeast(major: number, minor: number): boolean {
    const [have = 0, haveMinor = 0] = this.server.version.split(".").map(Number);
    return have > major || (have === major && haveMinor >= minor);
  }

  /** Sends to a subject as it is, without prefix or confirmation; does nothing once the link is lost. */
  respond(subject: string, data: Uint8Array): void {
    if (this.isLive && !this.connection.isClosed()) this.connection.publish(subject, data);
  }

  /** Subscribes on this link only. */
  subscribe(
    subject: string,
    queue: string | undefined,
    onMessage: (subject: string, data: Uint8Array) => void,
  ): LinkSubscription {
    const { onEvent, prefix } = this.#options;
    const subscription = this.connection.subscribe(withPrefix(prefix, subject), {
      ...(queue !== undefined && { queue }),
      callback: (error, message) => {
        if (error === null) onMessage(withoutPrefix(prefix, message.subject), message.data);
        else if (error instanceof PermissionViolationError) {
          onEvent({ kind: "denied", operation: "subscribe", subject });
        }
      },
    });
    return {
      drain: () => {
        if (!this.isLive || subscription.isClosed()) return Promise.resolve();
        return this.#within(this.#leaveMs, subscription.drain()).catch(() => {});
      },
    };
  }

  /**
   * Sends messages and waits until the server has read all of them.
   *
   * @returns one outcome for each message, in their order
   * @throws {BusError} when the link breaks or the server does not answer
   */
  async publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]> {
    const subjects = new Set(messages.map(({ subject }) => subject));
    const denied = new Set<string>();
    const outcomes: PublishOutcome[] = [];
    using _listening = this.onRefusal((subject) =>
      subjects.has(subject) && denied.add(subject) !== undefined
    );
    try {
      for (const message of messages) {
        const tooLarge = this.tooLarge(message);
        outcomes.push(tooLarge ?? CONFIRMED);
        if (tooLarge !== undefined) continue;
        const { subject, data, msgId } = message;
        this.connection.publish(withPrefix(this.#options.prefix, subject), data, withMsgId(msgId));
      }
      await this.#within(this.#options.timeoutMs, this.connection.flush());
      // The refusals came before the confirmation, but are told a few microtasks later.
      await new Promise((resolve) => setTimeout(resolve, 0));
    } catch (error) {
      if (error instanceof BusError) throw error;
      throw new BusError(`cannot publish: ${this.redacted(error)}`);
    }
    if (denied.size === 0) return outcomes;
    return outcomes.map((outcome, index) => {
      const { subject } = messages[index]!;
      return outcome === CONFIRMED && denied.has(subject) ? notPermitted(subject) : outcome;
    });
  }

  /** Tells of subjects that the server refuses, until it is disposed of. */
  onRefusal(listener: RefusalListener): Disposable {
    this.#refusalListeners.add(listener);
    return { [Symbol.dispose]: () => this.#refusalListeners.delete(listener) };
  }

  /** The outcome of a message that is larger than the server takes; nothing for any other. */
  tooLarge({ subject, data, msgId }: Publication): Refused | undefined {
    const limit = this.connection.info?.max_payload ?? Infinity;
    const size = data.length + (msgId === undefined ? 0 : MSG_ID_HEADER_BYTES + msgId.length);
    if (size <= limit) return undefined;
    return {
      status: "refused",
      reason: "too_large",
      message: `a message of ${size} bytes to ${subject} is larger than the NATS server takes ` +
        `(${limit} bytes): raise its max_payload`,
    };
  }

  /** What an error of the client library says, without secrets. */
  redacted(error: unknown): string {
    const reason = error instanceof Error ? error.message : "no reason given";
    return redact(reason, this.#options.login.secrets);
  }

  /** Drains what is subscribed and disconnects, within the time limit whatever the server does. */
  async close(): Promise<void> {
    if (this.isLive) {
      await this.#within(this.#leaveMs, this.connection.drain()).catch(() => {});
    }
    this.#end("closed");
    await this.connection.close();
  }

  get #leaveMs(): number {
    return Math.min(this.#options.timeoutMs, LEAVE_MS);
  }

  /** Tells apart what the client library reports in one stream. */
  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) this.#note(status);
  }

  #note(status: Status): void {
    const { onEvent } = this.#options;
    if (status.type === "ldm") onEvent({ kind: "lame_duck" });
    else if (status.type === "staleConnection") {
      this.#end("the server has stopped answering");
      // The library waits for a last write, which a silent server never takes.
      void this.connection.close();
    } else if (status.type === "error") this.#noteError(status.error);
  }

  #noteError(error: Error): void {
    const { onEvent, login, prefix } = this.#options;
    if (error instanceof PermissionViolationError) {
      if (error.operation !== "publish") return;
      const subject = withoutPrefix(prefix, error.subject);
      // Whoever publishes learns it from the outcome; anything else is told as an event.
      const listeners = Array.from(this.#refusalListeners, (listener) => listener(subject));
      if (!listeners.includes(true)) onEvent({ kind: "denied", operation: "publish", subject });
      return;
    }
    this.#lastError = redact(error.message, login.secrets);
    onEvent({ kind: "server_error", message: this.#lastError });
  }

  #end(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = this.#lastError ?? reason;
    for (const tell of this.#waiting) tell(this.#reason);
    this.#ended.resolve(this.#reason);
  }

  /** Bounds what the client library would wait for without end. */
  #within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
    const result = Promise.withResolvers<T>();
    const fail = (reason: string) => result.reject(new BusError(`not confirmed: ${reason}`));
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    this.#waiting.add(fail);
    if (this.#reason !== undefined) fail(this.#reason);
    work.then(result.resolve, result.reject);
    return result.promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(fail);
    });
  }
}
