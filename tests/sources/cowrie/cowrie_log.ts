import type { EventLine } from "../../../lib/sources/event_line.ts";
import { readCowrieLog, type ReadEvents } from "../../../lib/sources/bus_events.ts";
import { readLines } from "../../../lib/sources/lines.ts";

/** One session of a Cowrie log; the texts that vary can be given. */
export function cowrieSession(session: string, commands: readonly string[] = ["uname -a"]): string {
  const common = { session, src_ip: "192.0.2.44", sensor: "sensor-1" };
  let second = 0;
  const at = (): string => `2026-05-02T01:00:${String(second++).padStart(2, "0")}.000000Z`;
  return [
    { eventid: "cowrie.session.connect", protocol: "ssh", src_port: 51022 },
    { eventid: "cowrie.login.failed", username: "root", password: "123456" },
    { eventid: "cowrie.login.success", username: "root", password: "root" },
    { eventid: "cowrie.client.kex", hassh: "ec7378c1a92f5a8dde7e8b7a1ddf33d1" },
    ...commands.map((input) => ({ eventid: "cowrie.command.input", input })),
    {
      eventid: "cowrie.session.file_download",
      url: "http://198.51.100.7/x.sh",
      shasum: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    { eventid: "cowrie.session.closed", duration: "9.1" },
  ].map((entry) => `${JSON.stringify({ ...common, ...entry, timestamp: at() })}\n`).join("");
}

/** Reads a log that is in memory. */
export async function readLog(log: string): Promise<readonly ReadEvents[]> {
  const lines = readLines(ReadableStream.from([new TextEncoder().encode(log)]));
  return await Array.fromAsync(readCowrieLog(lines));
}

/** The events of a log that is in memory. */
export async function eventsOf(log: string): Promise<readonly EventLine[]> {
  return (await readLog(log)).flatMap(({ events }) => events);
}
