import assert from "assert";
import { readCowrieLog } from "../../lib/sources/bus_events.ts";
import type { EventLine } from "../../lib/sources/event_line.ts";
import { BEGINNING, readLines } from "../../lib/sources/lines.ts";
import type { Resume } from "../../lib/sources/resume.ts";
import { cowrieSession } from "./cowrie/cowrie_log.ts";

/** Sessions that begin and end in turns, one of them without end; in all of them something is after the connection. */
const LOG: readonly string[] = (() => {
  const sessions = ["s1", "s2", "s3", "s4"].map((id) => cowrieSession(id).split(/(?<=\n)/));
  sessions[0]!.pop();
  const turns = [0, 1, 1, 2, 1, 1, 0, 2, 1, 1, 1, 3, 3, 2, 2, 3, 2, 2, 0, 2, 3, 3, 3, 3, 0, 0, 0];
  return turns.flatMap((turn) => sessions[turn]!.shift() ?? []);
})();

/** Reads the first lines of the log, as an import does that is killed behind them. */
async function readUntil(
  count: number,
  from: Resume,
): Promise<{ readonly events: readonly EventLine[]; readonly resume: Resume }> {
  const events: EventLine[] = [];
  const bytes = ReadableStream.from([new TextEncoder().encode(LOG.join("").slice(from.offset))]);
  for await (const read of readCowrieLog(readLines(bytes, undefined, from), from)) {
    events.push(...read.events);
    if (read.line.number === count) return { events, resume: read.resumeAt() };
  }
  return { events, resume: from };
}

const sorted = (events: readonly EventLine[]): readonly string[] =>
  events.map((event) => JSON.stringify(event)).sort();

Deno.test("a log that is read in parts gives each session once and whole, wherever it is left, twice too", async () => {
  const whole = sorted((await readUntil(Infinity, BEGINNING)).events);
  assert.equal(whole.length, 8);
  for (let first = 1; first < LOG.length; first++) {
    const one = await readUntil(first, BEGINNING);
    const second = Math.min(LOG.length - 1, one.resume.lines + 2);
    const two = await readUntil(second, JSON.parse(JSON.stringify(one.resume)));
    const rest = await readUntil(Infinity, two.resume);
    const parts = sorted([...one.events, ...two.events, ...rest.events]);
    assert.deepEqual(parts, whole, `left behind lines ${first} and ${second}`);
  }
});

Deno.test("a last line without a line break is read again, with all that came before it", async () => {
  const text = LOG.slice(0, 11).join("").trimEnd();
  const bytes = ReadableStream.from([new TextEncoder().encode(text)]);
  const read = await Array.fromAsync(readCowrieLog(readLines(bytes)));
  const resume = read.at(-1)!.resumeAt();
  const rest = (await readUntil(Infinity, resume)).events
    .filter(({ subject }) => subject === "attacker.session.ended")
    .map(({ payload }) => [payload["session_id"], payload["service"]]);
  assert.deepEqual(rest.sort(), [["s1", "ssh"], ["s2", "ssh"], ["s3", "ssh"], ["s4", "ssh"]]);
});
