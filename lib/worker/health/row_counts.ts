import { StoreError } from "../../store/sqlite/errors.ts";
import type { Store } from "../../store/store.ts";
import type { Payload } from "../../tagging/event.ts";
import type { Health } from "./health.ts";

/**
 * How much waits in the database, for the heartbeat. One that cannot even be read
 * must not silence the heartbeat that says so: then there are no counts.
 */
export function rowCounts(
  { parked, outbox, deadLetters, database }: Store,
  health: Health,
): Payload {
  try {
    database.guard?.beforeTransaction();
    return {
      parked: parked.count(),
      outbox: outbox.count(),
      outbox_set_aside: outbox.setAside.size().messages,
      dead_letters: deadLetters.count(),
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    health.degrade("store", error.message);
    return {};
  }
}
