import type { Payload } from "../tagging/event.ts";
import { isObject } from "../tagging/payload.ts";
import { CowrieSessions } from "./cowrie.ts";
import { type EventLine, type EventLineFault, readEventLine } from "./event_line.ts";
import { type Line, type Place, placeAfter } from "./lines.ts";

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
  readonly resumeAt: () => Place;
}

/** Reads bus events, one JSON object a line. Empty lines are no lines. */
export async function* readEventLines(lines: AsyncIterable<Line>): AsyncGenerator<ReadEvents> {
  for await (const line of lines) {
    const resumeAt = (): Place => placeAfter(line);
    if (line.tooLong) yield { line, events: [], fault: "too_long", resumeAt };
    if (line.text.trim() === "") continue;
    const read = readEventLine(line.text);
    if ("fault" in read) yield { line, events: [], fault: read.fault, resumeAt };
    else yield { line, events: [read.event], body: read.body, resumeAt };
  }
}

/**
 * Reads a Cowrie JSON log. A session's events come when it is over; those that
 * are still open at the end of the log come last.
 */
export async function* readCowrieLog(lines: AsyncIterable<Line>): AsyncGenerator<ReadEvents> {
  const sessions = new CowrieSessions();
  let last: Line | undefined;
  for await (const line of lines) {
    last = line;
    const resumeAt = (): Place => sessions.openFrom ?? placeAfter(line);
    if (line.tooLong) yield { line, events: [], fault: "too_long", resumeAt };
    if (line.text.trim() === "") continue;
    const entry = parsed(line.text);
    if (!isObject(entry)) {
      const fault = entry === undefined ? "not_json" : "not_an_object";
      yield { line, events: [], fault, resumeAt };
    } else {
      yield { line, events: sessions.take(entry, line), resumeAt };
    }
  }
  if (last === undefined) return;
  // They may go on in what is written to the log later.
  const from = sessions.openFrom ?? placeAfter(last);
  for (const event of sessions.finish()) {
    yield { line: last, events: [event], resumeAt: () => from };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
