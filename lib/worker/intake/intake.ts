import { getLogger } from "@logtape/logtape";
import type { Bus, BusSubscription } from "../../bus/bus.ts";
import { SUBSCRIBED_SUBJECTS } from "../../bus/subjects.ts";
import type { Delivery, MessageQueue } from "./queue.ts";

const log = getLogger(["ttp", "worker"]);

/** Where messages that must not be lost come from, instead of plain subscriptions. */
export type DurableSource = () => BusSubscription;

/** Brings messages from the bus to the queue. */
export class Intake {
  readonly #queue: MessageQueue;
  readonly #subscriptions: BusSubscription[] = [];
  readonly #pumps: Promise<void>[] = [];
  #stopping = false;

  /** @param queue takes what arrives */
  constructor(queue: MessageQueue) {
    this.#queue = queue;
  }

  /**
   * Subscribes to every subject of `SUBSCRIBED_SUBJECTS`.
   *
   * @param queueGroup shares plain subscriptions among workers
   * @param durable delivers the at-least-once subjects; plain subscriptions do when absent
   */
  start(bus: Bus, queueGroup?: string, durable?: DurableSource): void {
    const options = queueGroup === undefined ? {} : { queue: queueGroup };
    for (const { subject, delivery } of SUBSCRIBED_SUBJECTS) {
      if (durable !== undefined && delivery === "at_least_once") continue;
      this.#pump(bus.subscribe(subject, options), delivery, false);
    }
    if (durable !== undefined) this.#pump(durable(), "at_least_once", true);
  }

  /** Takes no more; what the bus has handed over already still reaches the queue. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#queue.room.wake();
    await Promise.all(this.#subscriptions.map((subscription) => subscription.drain()));
    await Promise.all(this.#pumps);
  }

  #pump(subscription: BusSubscription, delivery: Delivery, holdsBack: boolean): void {
    this.#subscriptions.push(subscription);
    this.#pumps.push((async () => {
      try {
        for await (const message of subscription) {
          this.#queue.push(message, delivery);
          // A stream keeps them better.
          while (holdsBack && this.#queue.isFilling && !this.#stopping) {
            await this.#queue.room.wait();
          }
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error("subscription to {subject} ended: {reason}", {
          subject: subscription.subject,
          reason,
        });
      }
    })());
  }
}
