/**
 * `deno task bench:e2e [--short] [--events COUNT] [--json FILE]`: measures the
 * program from NATS to NATS. Fails when an event is lost or a replay adds a tag.
 */
import { connect } from "nats/transport";
import { MeasuredWorker } from "../tests/bench/measured_worker.ts";
import { benchResult, tellResult } from "../tests/bench/result.ts";
import { sessionEvent } from "../tests/harness/fixture_events.ts";

const short = Deno.args.includes("--short");
const asked = Deno.args.indexOf("--events");
const sessions = short ? 5_000 : 60_000;
const floodEvents = asked < 0 ? short ? 20_000 : 300_000 : Number(Deno.args[asked + 1]);
const idleEvents = short ? 50 : 500;

/** Starts of the worker that are timed. */
const STARTS = 7;

/** Parts of a flood after each of which memory is looked at. */
const FLOOD_PARTS = 10;

const figures: Record<string, number> = {};
figures["start to ready, ms"] = await startTime();
{
  await using worker = await MeasuredWorker.start();
  await latencies(worker);
  figures["resident after start, MiB"] = worker.residentMiB();
  await throughput(worker, "storm", "sessions of a storm", 0);
  figures["database per 1,000 tags, MiB"] = worker.databaseMiB() / worker.tags() * 1000;
  await throughput(worker, "sessions", "sessions that all differ", sessions);
  await flood(worker);
}
tellResult(benchResult(figures), Deno.args);

/** The median: one start says as much of what else the machine does. */
async function startTime(): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    await using worker = await MeasuredWorker.start();
    times.push(worker.startMs);
  }
  return times.sort((a, b) => a - b)[Math.floor(STARTS / 2)] ?? NaN;
}

/** New sessions of four commands, and the same again, which must add nothing. */
async function throughput(
  worker: MeasuredWorker,
  mix: "storm" | "sessions",
  name: string,
  first: number,
): Promise<void> {
  const fresh = await worker.publish(mix, sessions, first);
  if (fresh.newTags === 0) throw new Error("no session gave a tag");
  figures[`${name}, sessions/s`] = sessions / fresh.seconds;
  figures[`${name}, new tags/s`] = fresh.newTags / fresh.seconds;
  figures[`resident after ${name}, MiB`] = worker.residentMiB();
  const replay = await worker.publish(mix, sessions, first);
  if (replay.newTags > 0) throw new Error(`the replay added ${replay.newTags} tags`);
  figures[`replay of ${name}, sessions/s`] = sessions / replay.seconds;
  figures[`resident after replay of ${name}, MiB`] = worker.residentMiB();
}

/** Events that match nothing, with a look at the memory after each part of them. */
async function flood(worker: MeasuredWorker): Promise<void> {
  const part = Math.ceil(floodEvents / FLOOD_PARTS);
  let seconds = 0;
  const resident: number[] = [];
  for (let number = 0; number < FLOOD_PARTS; number++) {
    const run = await worker.publish("no_match", part, number * part);
    if (run.newTags > 0) throw new Error("what matches nothing gave tags");
    seconds += run.seconds;
    resident.push(worker.residentMiB());
  }
  figures["no match, events/s"] = part * FLOOD_PARTS / seconds;
  figures["resident after a tenth of no match, MiB"] = resident[0] ?? NaN;
  figures["resident at most during no match, MiB"] = Math.max(...resident);
  figures["resident after no match, MiB"] = resident.at(-1) ?? NaN;
}

/** From the publication of a session to the announcement of its tags, with nothing else to do. */
async function latencies(worker: MeasuredWorker): Promise<void> {
  const connection = await connect({ servers: worker.server.url });
  const tagged = connection.subscribe("ttp.tagged")[Symbol.asyncIterator]();
  await connection.flush();
  const millis: number[] = [];
  for (let number = 0; number < idleEvents; number++) {
    const { subject, data } = sessionEvent(`idle-${number}`, ["uname -a"], {
      attacker_uuid: `idle-attacker-${number}`,
    });
    const from = performance.now();
    connection.publish(subject, data);
    await tagged.next();
    millis.push(performance.now() - from);
  }
  worker.countPublished(idleEvents);
  await connection.close();
  millis.sort((a, b) => a - b);
  const at = (share: number): number => millis[Math.floor(share * (millis.length - 1))] ?? NaN;
  figures["event to ttp.tagged p50, ms"] = at(0.5);
  figures["event to ttp.tagged p99, ms"] = at(0.99);
}
