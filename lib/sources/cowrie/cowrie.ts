import type { Payload } from "../../tagging/event.ts";
import { textField } from "../../tagging/payload.ts";
import { CowrieSession } from "./session.ts";
import type { EventLine } from "../event_line.ts";
import type { Line, Place } from "../lines.ts";

/** How much of a log is kept in memory. */
export interface CowrieLimits {
  /** Sessions that are open at once; the one that was silent for longest goes first. */
  readonly sessions: number;
  /** Characters of all open sessions. */
  readonly characters: number;
  /** Lines after which a session of which nothing more is heard counts as over. */
  readonly silentLines: number;
}

/** Far above what a sensor has open at once; together below 200 MB. */
const DEFAULT_LIMITS: CowrieLimits = {
  sessions: 20_000,
  characters: 32 * 1024 * 1024,
  silentLines: 200_000,
};

/**
 * Gathers the entries of a Cowrie JSON log by session and gives the bus events of
 * each session when it is over: when the log says so, when nothing more was heard
 * of it for long, or at the end. Memory is bounded whatever the log holds.
 */
export class CowrieSessions {
  readonly #limits: CowrieLimits;
  /** The one that was silent for longest is the first. */
  readonly #open = new Map<string, CowrieSession>();
  #characters = 0;

  /** @param limits how much is kept in memory */
  constructor(limits: CowrieLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Takes one entry of the log.
   *
   * @returns events of the sessions that are over now
   */
  take(entry: Payload, line: Pick<Line, "start" | "number">): readonly EventLine[] {
    const id = textField(entry, "session");
    if (id === undefined || id.length > 128) return [];
    const session = this.#open.get(id) ?? new CowrieSession(id, line);
    const before = session.size;
    session.add(entry);
    session.lastLine = line.number;
    this.#open.delete(id);
    this.#open.set(id, session);
    this.#characters += session.size - before;
    const events = session.closed
      ? [...this.#end(id, session)]
      : session.isFull
      ? [...this.#handOver(session)]
      : [];
    for (const [id, session] of this.#open) {
      const silent = line.number - session.lastLine > this.#limits.silentLines;
      const tooMany = this.#open.size > this.#limits.sessions;
      if (!silent && !tooMany && this.#characters <= this.#limits.characters) break;
      events.push(...this.#end(id, session));
    }
    return events;
  }

  /** Events of all sessions that are still open. */
  *finish(): Generator<EventLine> {
    for (const [id, session] of this.#open) yield* this.#end(id, session);
  }

  /** Where in the log the open sessions begin. */
  get open(): readonly Place[] {
    return Array.from(this.#open.values(), ({ from }) => from);
  }

  #end(id: string, session: CowrieSession): readonly EventLine[] {
    this.#open.delete(id);
    this.#characters -= session.size;
    return session.events();
  }

  /** Gives a piece of a session that goes on. */
  #handOver(session: CowrieSession): readonly EventLine[] {
    const events = session.events();
    this.#characters -= session.size;
    session.begin();
    this.#characters += session.size;
    return events;
  }
}
