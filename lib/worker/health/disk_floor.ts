import { dirname } from "node:path";
import { type Room, roomAt } from "../../store/sqlite/disk_room.ts";
import { StoreError } from "../../store/sqlite/errors.ts";

/** Below this no events are taken by default, or below a share of the disk where that is less. */
const MIN_FREE_BYTES = 256 * 1024 * 1024;
const MIN_FREE_SHARE = 0.05;

/** How long an answer of the system holds, in milliseconds. */
const ANSWER_MS = 1_000;

/**
 * Lets no events in while the disk of the database is nearly full: what they leave would
 * take the room that outbox, retention and everybody else on this host need.
 */
export class DiskFloor {
  readonly #directory: string;
  readonly #minFree: number | undefined;
  readonly #room: (directory: string) => Room | undefined;
  readonly #monotonic: () => number;
  #askedAt = -Infinity;
  #fault: StoreError | undefined;

  /**
   * @param database path of the database
   * @param minFree bytes that stay free; 256 MiB or 5 %, the smaller, when absent
   * @param room asks the system
   * @param monotonic clock that is never set, in milliseconds
   */
  constructor(
    database: string,
    minFree?: number,
    room: (directory: string) => Room | undefined = roomAt,
    monotonic: () => number = () => performance.now(),
  ) {
    this.#directory = dirname(database);
    this.#minFree = minFree;
    this.#room = room;
    this.#monotonic = monotonic;
  }

  /** @throws {StoreError} `full` while too little is free */
  admit(): void {
    const now = this.#monotonic();
    if (now - this.#askedAt >= ANSWER_MS) {
      this.#askedAt = now;
      this.#fault = this.#look();
    }
    if (this.#fault !== undefined) throw this.#fault;
  }

  #look(): StoreError | undefined {
    const room = this.#room(this.#directory);
    if (room === undefined) return undefined;
    const floor = this.#minFree ?? Math.min(MIN_FREE_BYTES, room.total * MIN_FREE_SHARE);
    if (room.free >= floor) return undefined;
    return new StoreError(
      "full",
      `the disk of ${this.#directory} is below its floor of ${
        mebibytes(floor)
      } free (--min-free); ` +
        "no events are taken until there is more room",
    );
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
