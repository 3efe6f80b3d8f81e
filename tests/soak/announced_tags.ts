import { jetstream } from "nats/jetstream";
import { connect } from "nats/transport";
import { decodeEnvelope } from "../../lib/bus/envelope.ts";
import { textsField } from "../../lib/tagging/payload.ts";

/** Reads the stream of announcements as it grows, and counts what comes more than once. */
export class AnnouncedTags implements AsyncDisposable {
  /** Ids of the tags that were announced. */
  readonly uuids = new Set<string>();
  /** Tags that were announced again. */
  repeats = 0;
  readonly #close: () => Promise<void>;

  private constructor(close: () => Promise<void>) {
    this.#close = close;
  }

  /** Begins to read. */
  static async from(url: string, stream: string): Promise<AnnouncedTags> {
    const connection = await connect({ servers: url });
    const consumer = await jetstream(connection).consumers.get(stream, {
      filter_subjects: "ttp.tagged",
    });
    const messages = await consumer.consume();
    const announced = new AnnouncedTags(async () => {
      messages.stop();
      await reading;
      await connection.close();
    });
    const reading = (async () => {
      for await (const message of messages) announced.#note(message.data);
    })();
    return announced;
  }

  /** Stops to read. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #note(data: Uint8Array): void {
    const decoded = decodeEnvelope(data);
    if (!decoded.ok) throw new Error(`an announcement is ${decoded.reason}`);
    for (const uuid of textsField(decoded.envelope.payload, "tag_uuids")) {
      if (this.uuids.has(uuid)) this.repeats += 1;
      this.uuids.add(uuid);
    }
  }
}
