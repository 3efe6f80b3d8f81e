import type { Publication } from "../../lib/bus/bus.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);

const encoder = new TextEncoder();

/** Lines of a fixture file. */
export function fixtureLines(name: string): readonly string[] {
  return Deno.readTextFileSync(new URL(name, FIXTURES)).split("\n").filter((line) => line !== "");
}

/** The bundled events as messages, each on the subject that it names. */
export function fixtureEvents(): readonly Publication[] {
  return fixtureLines("events.jsonl").map((line) => {
    const { topic } = JSON.parse(line) as { topic: string };
    return { subject: topic, data: encoder.encode(line) };
  });
}

/** A session with commands, as a sensor publishes it. */
export function sessionEvent(
  sessionId: string,
  commands: readonly string[],
  fields: Readonly<Record<string, unknown>> = { attacker_uuid: "attacker-1" },
): Publication {
  const payload = { session_id: sessionId, commands, ...fields };
  return {
    subject: "attacker.session.ended",
    data: encoder.encode(JSON.stringify({ v: 1, type: "session.ended", payload })),
  };
}
