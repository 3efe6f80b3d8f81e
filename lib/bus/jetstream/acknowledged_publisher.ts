import { createInbox, type Msg, type MsgHdrs, PermissionViolationError } from "nats/core";
import { BusError, type Publication } from "../bus.ts";
import { withMsgId } from "../nats/msg_id.ts";
import type { NatsLink } from "../nats/link.ts";
import { notPermitted, type PublishOutcome } from "../publish_outcome.ts";
import { withPrefix } from "../subjects.ts";
import { PendingAcks } from "./pending_acks.ts";
import { ackOutcome } from "./publish_ack.ts";

/** What an acknowledged publisher needs to know. */
export interface AcknowledgedPublisherOptions {
  /** The deployment's subject prefix; empty for none. */
  readonly prefix: string;
  /** How long the acknowledgements of one batch are waited for, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Publishes into streams over one link. Each message names its own reply subject
 * under one inbox, `_INBOX.<id>.<number>`, and one subscription hears all
 * acknowledgements and matches them by that number: a request with a timer and a
 * promise for each message costs more than the message.
 */
export class AcknowledgedPublisher {
  /** The connection that it publishes on. */
  readonly link: NatsLink;
  readonly #options: AcknowledgedPublisherOptions;
  readonly #inbox: string;
  readonly #open = new Set<PendingAcks>();
  /** Number of the next message; never used twice. */
  #next = 0;
  /** Why acknowledgements cannot be heard on this link. */
  #deaf: string | undefined;
  /** Subjects that were refused on this link: the server says it once for each message. */
  readonly #denied = new Set<string>();

  /** @param link on which it publishes; the publisher is of no use after the link is lost */
  constructor(link: NatsLink, options: AcknowledgedPublisherOptions) {
    this.link = link;
    this.#options = options;
    this.#inbox = `${createInbox()}.`;
    // Both end with the link.
    link.connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) =>
        error === null ? this.#acknowledged(message) : this.#failed(error),
    });
    link.onRefusal((subject) => this.#refused(subject));
    void link.lost.then((reason) => this.#endAll(`not confirmed: ${reason}`));
  }

  /**
   * Sends messages and waits until the server has answered for each, or for the time limit.
   *
   * @returns one outcome for each message, in their order
   * @throws {BusError} when acknowledgements cannot be heard on this link
   */
  async publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]> {
    if (this.#deaf !== undefined) throw new BusError(this.#deaf);
    const { prefix, timeoutMs } = this.#options;
    const pending = new PendingAcks(this.#next, messages.map(({ subject }) => subject));
    this.#next += messages.length;
    this.#open.add(pending);
    const timer = setTimeout(
      () => pending.endAll(`not confirmed: no answer within ${timeoutMs / 1000} s`),
      timeoutMs,
    );
    try {
      for (const [index, message] of messages.entries()) {
        const tooLarge = this.link.tooLarge(message);
        if (tooLarge !== undefined) pending.settle(index, tooLarge);
        else this.#send(message, pending.first + index, prefix);
      }
      return await pending.outcomes;
    } finally {
      clearTimeout(timer);
      this.#open.delete(pending);
    }
  }

  #send({ subject, data, msgId }: Publication, number: number, prefix: string): void {
    try {
      const options = { ...withMsgId(msgId), reply: this.#inbox + number };
      this.link.connection.publish(withPrefix(prefix, subject), data, options);
    } catch (error) {
      this.#endAll(`cannot publish: ${this.link.redacted(error)}`);
    }
  }

  #acknowledged(message: Msg): void {
    const number = Number(message.subject.slice(this.#inbox.length));
    for (const pending of this.#open) {
      const index = number - pending.first;
      const subject = pending.subjects[index];
      if (subject === undefined) continue;
      const headers: MsgHdrs | undefined = message.headers;
      pending.settle(index, ackOutcome({ data: message.data, code: headers?.code }, subject));
      return;
    }
  }

  #refused(subject: string): boolean {
    for (const pending of this.#open) {
      if (pending.settleSubject(subject, notPermitted(subject))) this.#denied.add(subject);
    }
    // The last errors may come after the publication has ended.
    return this.#denied.has(subject);
  }

  #failed(error: Error): void {
    if (!(error instanceof PermissionViolationError)) return;
    this.#deaf = "the NATS server does not let this user subscribe to _INBOX.>, where it " +
      "acknowledges messages of streams: extend its permissions";
    this.#endAll(this.#deaf);
  }

  #endAll(reason: string): void {
    for (const pending of this.#open) pending.endAll(reason);
  }
}
