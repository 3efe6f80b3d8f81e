/**
 * `deno task bench:workers [--sessions COUNT] [--json FILE]`: how several workers
 * share one durable consumer of a JetStream stream. Fails when an event is lost.
 */
import { setTimeout as delay } from "node:timers/promises";
import { MeasuredWorker, startPublisher } from "../tests/bench/measured_worker.ts";
import { benchResult, tellResult } from "../tests/bench/result.ts";
import { NatsServer } from "../tests/harness/nats_server.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;
const STREAM = "BENCH";

/** Between two looks at what is handled; each costs the workers a little. */
const LOOK_MS = 200;

const PATIENCE_MS = 600_000;

const asked = Deno.args.indexOf("--sessions");
const sessions = asked < 0 ? 40_000 : Number(Deno.args[asked + 1]);

const figures: Record<string, number> = {};
{
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server, "fill");
  const publisher = startPublisher(server.url, "storm", [sessions, 0, sessions]);
  await publisher.stdin.close();
  if (!(await publisher.status).success) throw new Error("the publisher failed");
  for (const workers of [1, 2, 3, 4]) {
    figures[`workers on one durable: ${workers}, sessions/s`] = await share(server, workers);
  }
}
tellResult(benchResult(figures), Deno.args);

/** Lets so many workers, each with a database of its own, work off the whole stream. */
async function share(server: NatsServer, count: number): Promise<number> {
  const consumer = `bench-${count}`;
  await setUp(server, consumer);
  await using all = new AsyncDisposableStack();
  const workers: MeasuredWorker[] = [];
  const args = ["--stream", STREAM, "--consumer", consumer];
  for (let number = 0; number < count; number++) {
    workers.push(all.use(await MeasuredWorker.start({ server, args })));
  }
  const handledBy = async (): Promise<number> => {
    const counts = await Promise.all(workers.map((worker) => worker.counts()));
    return counts.reduce((sum, { events }) => sum + events, 0);
  };
  // Those that were started first are at work already.
  const before = await handledBy();
  const from = performance.now();
  for (let handled = before; handled < sessions; handled = await handledBy()) {
    if (performance.now() - from > PATIENCE_MS) throw new Error(`only ${handled} were handled`);
    await delay(LOOK_MS);
  }
  const seconds = (performance.now() - from) / 1000;
  const tags = workers.reduce((sum, worker) => sum + worker.tags(), 0);
  if (tags < sessions) throw new Error(`${tags} tags of ${sessions} sessions`);
  return (sessions - before) / seconds;
}

async function setUp(server: NatsServer, consumer: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--quiet", MAIN, "nats", "setup", "--nats-url", server.url],
      ...["--stream", STREAM, "--consumer", consumer, "--max-ack-pending", "20000"],
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`nats setup failed: ${new TextDecoder().decode(stderr)}`);
}
