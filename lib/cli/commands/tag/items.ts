import { sha256 } from "../../../attack/hash.ts";
import { type LineFault, readCowrieLog, readEventLines } from "../../../sources/bus_events.ts";
import type { EventLine } from "../../../sources/event_line.ts";
import type { Line } from "../../../sources/lines.ts";
import type { Payload, TaggerEvent } from "../../../tagging/event.ts";
import { attackerUuid } from "../../../tagging/identity.ts";
import { attackerAddress } from "../../../tagging/attacker_address.ts";
import { eventParts } from "../../../tagging/payload_events.ts";
import type { Input } from "../../input.ts";

/** One thing to tag: a line, a bus event, or what a Cowrie log says of a session. */
export interface TagItem {
  /** What is printed of it as JSON. */
  readonly input: unknown;
  /** What is printed of it for people. */
  readonly label: string;
  readonly events: readonly TaggerEvent[];
  /** Why nothing can be made of it. */
  readonly fault?: string;
}

/** Why a line is not used, for people. */
export const LINE_FAULTS: Readonly<Record<LineFault, string>> = {
  not_json: "it is not JSON",
  not_an_object: "it is no JSON object",
  no_subject: "it has no topic, so nobody knows what it is",
  too_long: "the line is too long",
};

/**
 * Reads what there is to tag.
 *
 * @param attacker whom lines of commands belong to
 */
export async function* tagItems(
  input: Input,
  attacker: string | undefined,
): AsyncGenerator<TagItem> {
  if (input.format === "lines") {
    for await (const line of input.lines) yield commandItem(input.name, line, attacker);
    return;
  }
  const cowrie = input.format === "cowrie";
  const read = cowrie ? readCowrieLog(input.lines) : readEventLines(input.lines);
  for await (const { line, events, body, fault } of read) {
    if (fault !== undefined) yield faultyItem(line, fault);
    for (const event of events) yield eventItem(cowrie ? minted(event) : event, body);
  }
}

/** Names a line by its place and its text: standard input has a first line every time, and it is another one. */
export function lineSourceId(name: string, { number, text }: Line): string {
  return `${name}:${number}:${sha256(text).slice(0, 12)}`;
}

function commandItem(name: string, line: Line, attacker: string | undefined): TagItem {
  const { text, tooLong } = line;
  if (tooLong) return faultyItem(line, "too_long");
  if (text.trim() === "") return { input: text, label: text, events: [] };
  const event: TaggerEvent = {
    sourceKind: "command",
    sourceId: lineSourceId(name, line),
    ...(attacker !== undefined && { attackerUuid: attacker }),
    payload: { command_text: text },
  };
  return { input: text, label: text, events: [event] };
}

function faultyItem({ text, number }: Line, fault: LineFault): TagItem {
  const label = text === "" ? `line ${number}` : text;
  return { input: text, label, events: [], fault: LINE_FAULTS[fault] };
}

function eventItem({ subject, type, ts, payload }: EventLine, body: Payload | undefined): TagItem {
  const parts = eventParts(subject, type, payload, {
    attackerIp: attackerAddress(payload),
    arrival: { ts, nowMs: Date.now() },
  });
  const events = parts === undefined ? [] : [parts.base, ...parts.children];
  const id = events[0]?.sourceId;
  return {
    input: body ?? { topic: subject, ...(type !== undefined && { type }), payload },
    label: id === undefined || id === subject ? subject : `${subject} ${id}`,
    events,
  };
}

/** A log knows addresses only; whose they are is made of them as a sensor without a master does. */
function minted(event: EventLine): EventLine {
  const ip = attackerAddress(event.payload);
  if (ip === undefined) return event;
  return { ...event, payload: { ...event.payload, attacker_uuid: attackerUuid(ip) } };
}
