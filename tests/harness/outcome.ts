import { jetstream, jetstreamManager } from "nats/jetstream";
import { connect } from "nats/transport";
import { decodeEnvelope } from "../../lib/bus/envelope.ts";
import { Store } from "../../lib/store/store.ts";
import { textsField } from "../../lib/tagging/payload.ts";
import { NAMES } from "../bus/jetstream/medium.ts";

/** Whether the consumer has nothing left to deliver and nothing in work. */
export async function settled(url: string): Promise<boolean> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const info = await manager.consumers.info(NAMES.stream, NAMES.consumer);
    return info.num_pending === 0 && info.num_ack_pending === 0;
  } finally {
    await connection.close();
  }
}

/** Messages of the stream up to which the consumer has had every acknowledgement. */
export async function acknowledged(url: string): Promise<number> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const info = await manager.consumers.info(NAMES.stream, NAMES.consumer);
    return info.ack_floor.stream_seq;
  } finally {
    await connection.close();
  }
}

/** Every tag that the stream of announcements names, and how many announcements came again. */
export async function announcedTags(
  url: string,
): Promise<{ uuids: ReadonlySet<string>; repeats: number }> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(NAMES.announcements);
    const uuids = new Set<string>();
    const ids = new Set<string>();
    let repeats = 0;
    if (state.messages === 0) return { uuids, repeats };
    const consumer = await jetstream(connection).consumers.get(NAMES.announcements);
    let left = state.messages;
    for await (const message of await consumer.consume()) {
      const decoded = decodeEnvelope(message.data);
      if (!decoded.ok) throw new Error(`an announcement is ${decoded.reason}`);
      const { id = "", payload } = decoded.envelope;
      if (ids.has(id)) repeats += 1;
      ids.add(id);
      if (message.subject === "ttp.tagged") {
        for (const uuid of textsField(payload, "tag_uuids")) uuids.add(uuid);
      }
      left -= 1;
      if (left === 0) break;
    }
    return { uuids, repeats };
  } finally {
    await connection.close();
  }
}

/** Every tag in a database that nobody uses. */
export function storedTags(database: string): ReadonlySet<string> {
  using store = Store.open(database, { access: "existing" });
  const rows = store.database.prepare("SELECT uuid FROM ttp_tag").all<{ uuid: string }>();
  return new Set(rows.map(({ uuid }) => uuid));
}
