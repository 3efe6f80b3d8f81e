/**
 * `deno task bench:e2e [--short] [--events COUNT] [--json FILE]`: measures the
 * program from NATS to NATS. Fails when an event is lost or a replay adds a tag.
 */
import { connect } from "nats/transport";
import { processTerminal } from "../lib/cli/terminal.ts";
import { MeasuredWorker } from "../tests/bench/measured_worker.ts";
import { benchResult, keepResult, resultText } from "../tests/bench/result.ts";
import { sessionEvent } from "../tests/harness/fixture_events.ts";

const short = Deno.args.includes("--short");
const asked = Deno.args.indexOf("--events");
const sessions = short ? 5_000 : 60_000;
const floodEvents = asked < 0 ? short ? 20_000 : 300_000 : Number(Deno.args[asked + 1]);
const idleEvents = short ? 50 : 500;

const figures: Record<string, number> = {};
{
  await using worker = await MeasuredWorker.start();
  figures["start to ready, ms"] = worker.startMs;
  await latencies(worker);
  figures["resident after start, MiB"] = worker.residentMiB();
  const fresh = await worker.publish("sessions", sessions, 0);
  if (fresh.newTags === 0) throw new Error("no session gave a tag");
  figures["sessions of 4 commands, sessions/s"] = sessions / fresh.seconds;
  figures["new tags, tags/s"] = fresh.newTags / fresh.seconds;
  figures["resident after sessions, MiB"] = worker.residentMiB();
  figures["database per 1,000 tags, MiB"] = worker.databaseMiB() / fresh.newTags * 1000;
  const replay = await worker.publish("sessions", sessions, 0);
  if (replay.newTags > 0) throw new Error(`the replay added ${replay.newTags} tags`);
  figures["replay, sessions/s"] = sessions / replay.seconds;
  figures["resident after replay, MiB"] = worker.residentMiB();
  const half = Math.ceil(floodEvents / 2);
  const first = await worker.publish("no_match", half, 0);
  figures["resident in the middle of no match, MiB"] = worker.residentMiB();
  const second = await worker.publish("no_match", half, half);
  if (first.newTags + second.newTags > 0) throw new Error("what matches nothing gave tags");
  figures["no match, events/s"] = 2 * half / (first.seconds + second.seconds);
  figures["resident after no match, MiB"] = worker.residentMiB();
}
const result = benchResult(figures);
const terminal = processTerminal((name) => Deno.env.get(name));
terminal.out(resultText(result));
terminal.flush();
keepResult(result, Deno.args);

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
