import { decodeEnvelope } from "../lib/bus/envelope.ts";
import type { Publication } from "../lib/bus/bus.ts";

const EVENTS = new URL("../tests/fixtures/events.jsonl", import.meta.url);

/**
 * The bundled events of an invented attack, as messages.
 *
 * @param round events of different rounds are about different sessions, so that each gives new tags
 */
export function demoEvents(round = 0): readonly Publication[] {
  const encoder = new TextEncoder();
  return Deno.readTextFileSync(EVENTS).split("\n").filter((line) => line !== "").map((line) => {
    const { topic } = JSON.parse(line) as { topic: string };
    const data = encoder.encode(round === 0 ? line : inRound(line, round));
    if (!decodeEnvelope(data).ok) throw new Error(`not an event: ${line}`);
    return { subject: topic, data };
  });
}

/** Ids of things that happened anew; who did them stays the same. */
function inRound(line: string, round: number): string {
  return line.replaceAll(
    /"(id|session_id|source_id|token_id|credential_id)": "([^"]+)"/g,
    (_, field: string, id: string) => `"${field}": "${id}-r${round}"`,
  );
}
