import assert from "assert";
import { join } from "node:path";
import { setUp } from "../bus/jetstream/medium.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { acknowledged, announcedTags, storedTags } from "../harness/outcome.ts";
import { until } from "../harness/until.ts";
import { WorkerProcess } from "../harness/worker_process.ts";

const SESSIONS = 300;

/** Answers of `/healthz` that a worker gives while the lock is held. */
const ANSWERS = 60;

/** Another process that holds the write lock of a database until it is disposed of. */
async function lock(database: string): Promise<AsyncDisposable> {
  const fixture = import.meta.resolve("../store/fixture_process.ts");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", fixture, database, "lock"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

Deno.test("a lock that another process holds for seconds stops nothing but what writes, and loses nothing", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-test-" });
  const database = join(folder, "ttp.db");
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const http = `127.0.0.1:${(probe.addr as Deno.NetAddr).port}`;
  probe.close();
  const publish = (name: string) =>
    bus.publish(
      Array.from({ length: SESSIONS }, (_, i) => sessionEvent(`${name}-${i}`, ["cat /etc/shadow"])),
    );
  try {
    await using worker = new WorkerProcess({
      ...{ url: server.url, stream: "DECNET", database, args: ["--http", http] },
    });
    const health = async (): Promise<string> => {
      const answer = await fetch(`http://${http}/healthz`);
      return await answer.text();
    };
    await worker.until("it answers", () => health().then(() => true, () => false));
    await publish("before");
    await worker.until(
      "the first are processed",
      async () => await acknowledged(server.url) === SESSIONS,
    );
    {
      await using _lock = await lock(database);
      await publish("meanwhile");
      let answers = 0;
      await worker.until("it answers again and again, and says what is wrong", async () => {
        const said = await health();
        answers++;
        return answers >= ANSWERS && /degraded/.test(said) && /another process holds/.test(said);
      });
      assert.ok(await acknowledged(server.url) < 2 * SESSIONS);
    }
    await worker.until(
      "the rest is processed",
      async () => await acknowledged(server.url) === 2 * SESSIONS,
    );
    await worker.until("it says that it is well", async () => !/degraded/.test(await health()));
    await until("every tag is announced", async () => {
      const { uuids } = await announcedTags(server.url);
      return uuids.size === 2 * SESSIONS;
    });
    assert.equal((await announcedTags(server.url)).repeats, 0, "and once");
    await worker.stop();
    assert.equal(storedTags(database).size, 2 * SESSIONS);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
