import type { Bus, BusMessage, BusSubscription } from "../../lib/bus/bus.ts";
import { decodeEnvelope } from "../../lib/bus/envelope.ts";
import type { Payload } from "../../lib/tagging/event.ts";
import { textsField } from "../../lib/tagging/payload.ts";

/** One message that was heard. */
export interface Heard {
  readonly subject: string;
  readonly id: string | undefined;
  readonly payload: Payload;
}

/** Remembers everything that is published under a pattern. */
export class Listener {
  /** In order of arrival. */
  readonly heard: Heard[] = [];
  readonly #subscription: BusSubscription;
  readonly #listening: Promise<void>;

  /**
   * @param bus where to listen
   * @param pattern what to listen to
   */
  constructor(bus: Bus, pattern = "ttp.>") {
    this.#subscription = bus.subscribe(pattern);
    this.#listening = this.#listen();
  }

  /** Messages on one subject. */
  on(subject: string): readonly Heard[] {
    return this.heard.filter((message) => message.subject === subject);
  }

  /** Every tag that `ttp.tagged` has named, repeats too. */
  get taggedUuids(): readonly string[] {
    return this.on("ttp.tagged").flatMap(({ payload }) => textsField(payload, "tag_uuids"));
  }

  /** Listens no more. */
  async close(): Promise<void> {
    await this.#subscription.drain();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    for await (const message of this.#subscription) this.heard.push(heardOf(message));
  }
}

function heardOf({ subject, data }: BusMessage): Heard {
  const decoded = decodeEnvelope(data);
  if (!decoded.ok) throw new Error(`what the worker published is ${decoded.reason}`);
  return { subject, id: decoded.envelope.id, payload: decoded.envelope.payload };
}
