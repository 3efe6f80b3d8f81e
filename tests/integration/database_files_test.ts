import assert from "assert";
import { join } from "node:path";
import type { Bus } from "../../lib/bus/bus.ts";
import { setUp } from "../bus/jetstream/medium.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { acknowledged, storedTags } from "../harness/outcome.ts";
import { WorkerProcess } from "../harness/worker_process.ts";

/** Sessions between two faults, what is typed in each, and tags that it gives. */
const SESSIONS = 200;
const COMMANDS = ["cat /etc/shadow"];
const TAGS = 1;

interface Parties {
  readonly worker: WorkerProcess;
  readonly database: string;
  /** Publishes sessions of a name of their own; says how many there were so far. */
  readonly publish: () => Promise<number>;
  readonly isSettled: () => Promise<boolean>;
  readonly isSaid: (state: string, reason?: RegExp) => boolean;
}

let name = 0;

/** A real worker on a real stream. */
async function onStream(work: (parties: Parties) => Promise<void>): Promise<void> {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus: Bus & AsyncDisposable = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const listener = new Listener(bus, "system.ttp.health");
  const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-test-" });
  const database = join(folder, "ttp.db");
  let published = 0;
  try {
    await using worker = new WorkerProcess({ url: server.url, stream: "DECNET", database });
    await worker.until("it says that it is well", () => listener.heard.length > 0);
    await work({
      worker,
      database,
      isSettled: async () => await acknowledged(server.url) === published,
      isSaid: (state, reason = /^/) => {
        const payload = listener.heard.at(-1)?.payload;
        return payload?.["state"] === state && reason.test(String(payload["reason"] ?? ""));
      },
      publish: async () => {
        const prefix = name++;
        await bus.publish(
          Array.from({ length: SESSIONS }, (_, i) => sessionEvent(`s${prefix}-${i}`, COMMANDS)),
        );
        return published += SESSIONS;
      },
    });
  } finally {
    await listener.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("no acknowledged event is lost when the log or its index is removed under a real worker that is killed later", async () => {
  await onStream(async ({ worker, database, publish, isSettled }) => {
    let sessions = await publish();
    await worker.until("the first are processed", isSettled);
    for (const end of ["-wal", "-shm"]) {
      await Deno.remove(`${database}${end}`);
      sessions = await publish();
      await worker.until(`the next are processed without ${end}`, isSettled);
    }
    await worker.until("it has told of both", () => /index .* removed/.test(worker.log));
    worker.kill();
    await worker.ended;
    assert.equal(storedTags(database).size, sessions * TAGS);
    assert.match(worker.log, /log was removed; the \d+ pages in it are saved/);
  });
});

Deno.test("a log that is cut under a real worker is told with what is lost, and it goes on", async () => {
  await onStream(async ({ worker, database, publish, isSettled, isSaid }) => {
    await publish();
    await worker.until("the first are processed", isSettled);
    await new Deno.Command("truncate", { args: ["-s", "0", `${database}-wal`] }).output();
    await worker.until(
      "it says so",
      () => /log was cut; \d+ pages written since the last checkpoint are lost/.test(worker.log),
    );
    await publish();
    await worker.until("the next are processed", isSettled);
    await worker.until("it says that it is well", () => isSaid("ok"));
    worker.kill();
    await worker.ended;
    const tags = storedTags(database).size;
    assert.ok(tags >= SESSIONS * TAGS && tags < 2 * SESSIONS * TAGS, `${tags}`);
  });
});

Deno.test("a file that is damaged under a real worker stops acknowledgements until it is whole again", async () => {
  await onStream(async ({ worker, database, publish, isSettled, isSaid }) => {
    const sessions = await publish();
    await worker.until("the first are processed", isSettled);
    // The file gets what is in the log, so that there is something to damage.
    worker.kill();
    await worker.ended;
    storedTags(database);
    assert.ok(sessions > 0 && isSaid("ok"));
  });
});
