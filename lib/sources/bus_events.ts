import type { Payload } from "../tagging/event.ts";
import { isObject } from "../tagging/payload.ts";
import { CowrieSessions } from "./cowrie/cowrie.ts";
import { type EventLine, type EventLineFault, readEventLine } from "./event_line.ts";
import { BEGINNING, type Line, placeAfter } from "./lines.ts";
import { KnownSessions, type Resume } from "./resume.ts";

/** Why nothing can be made of a line. */
export type LineFault = EventLineFault | "too_long";

/** What was read of a file of bus events or of a Cowrie log. */
export interface ReadEvents {
  /** Line after which it is known. */
  readonly line: Line;
  /** In the order of the log; none when the line only adds to a session, or when it has a fault. */
  readonly events: readonly EventLine[];
  /** The line as it was, where it is an event itself. */
  readonly body?: Payload;
  readonly fault?: LineFault;
  /**
   * Where to begin when reading goes on later: everything before it has been
   * given in full.
   */
  readonly resumeAt: () => Resume;
}

/** Reads bus events, one JSON object a line; nothing comes of empty lines. */
export async function* readEventLines(lines: AsyncIterable<Line>): AsyncGenerator<ReadEvents> {
  for await (const line of lines) {
    const resumeAt = (): Resume => placeAfter(line);
    if (line.tooLong) {
      yield { line, events: [], fault: "too_long", resumeAt };
    } else if (line.text.trim() === "") {
      yield { line, events: [], resumeAt };
    } else {
      const read = readEventLine(line.text);
      if ("fault" in read) yield { line, events: [], fault: read.fault, resumeAt };
      else yield { line, events: [read.event], body: read.body, resumeAt };
    }
  }
}

/**
 * Reads a Cowrie JSON log. A session's events come when it is over; those that
 * are still open at the end of the log come last.
 *
 * @param from where the lines begin, as an earlier reading told
 */
export async function* readCowrieLog(
  lines: AsyncIterable<Line>,
  from: Resume = BEGINNING,
): AsyncGenerator<ReadEvents> {
  const sessions = new CowrieSessions();
  const known = new KnownSessions(from);
  let last: Line | undefined;
  let end = from;
  for await (const line of lines) {
    last = line;
    // What is not written in full is read again: it has changed nothing yet.
    if (!line.complete) end = known.resumeAfter(line, sessions);
    const resumeAt = (): Resume => line.complete ? known.resumeAfter(line, sessions) : end;
    const { events, fault } = readEntry(line, sessions, known);
    yield { line, events, resumeAt, ...(fault !== undefined && { fault }) };
  }
  if (last === undefined) return;
  // They may go on in what is written to the log later.
  if (last.complete) end = known.resumeAfter(last, sessions);
  for (const event of sessions.finish()) {
    yield { line: last, events: [event], resumeAt: () => end };
  }
}

function readEntry(
  line: Line,
  sessions: CowrieSessions,
  known: KnownSessions,
): Pick<ReadEvents, "events" | "fault"> {
  const isNew = !known.isRead(line);
  if (line.tooLong) return { events: [], ...(isNew && { fault: "too_long" }) };
  if (line.text.trim() === "") return { events: [] };
  const entry = parsed(line.text);
  if (isObject(entry)) {
    return { events: known.isOver(entry, line) ? [] : sessions.take(entry, line) };
  }
  const fault = entry === undefined ? "not_json" : "not_an_object";
  return { events: [], ...(isNew && { fault }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
