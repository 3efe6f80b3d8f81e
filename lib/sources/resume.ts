import type { Payload } from "../tagging/event.ts";
import { textField } from "../tagging/payload.ts";
import type { CowrieSessions } from "./cowrie/cowrie.ts";
import { type Line, type Place, placeAfter } from "./lines.ts";

/** Where reading of a log goes on later, and what of it is known by then. */
export interface Resume extends Place {
  /** Bytes of the log that were read; what lies between is read again for open sessions alone. */
  readonly read?: number;
  /** Where the sessions begin that were open, in bytes from the beginning of the log. */
  readonly open?: readonly number[];
}

/**
 * Tells what of a log that is read again is known already. A session that was over
 * may begin before the place where reading goes on: its rest alone would be taken
 * for a session of its own, and labelled for what it lacks.
 */
export class KnownSessions {
  readonly #read: number;
  readonly #open: ReadonlySet<number>;
  readonly #ids = new Set<string>();

  /** @param from where reading goes on */
  constructor({ read = 0, open = [] }: Resume) {
    this.#read = read;
    this.#open = new Set(open);
  }

  /** Whether a line was read before. */
  isRead({ start }: Line): boolean {
    return start < this.#read;
  }

  /** Whether an entry was read before and its session was over at the end. */
  isOver(entry: Payload, line: Line): boolean {
    if (!this.isRead(line)) return false;
    const id = textField(entry, "session");
    if (id === undefined) return true;
    if (this.#open.has(line.start)) this.#ids.add(id);
    return !this.#ids.has(id);
  }

  /** Where to begin later, when a line was the last one that was read. */
  resumeAfter(line: Line, { open }: CowrieSessions): Resume {
    const place = placeAfter(line);
    const read = Math.max(this.#read, place.offset);
    const starts = [
      ...open.map(({ offset }) => offset),
      ...[...this.#open].filter((start) => start >= place.offset),
    ];
    if (starts.length === 0 && read === place.offset) return place;
    const first = open.reduce((first, one) => one.offset < first.offset ? one : first, place);
    return { ...first, read, open: starts };
  }
}
