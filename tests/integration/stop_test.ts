import { join } from "node:path";
import { DatabaseSync } from "sqlite";
import { NAMES, setUp } from "../bus/jetstream/medium.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { WorkerProcess } from "../harness/worker_process.ts";

/** What a service manager, or a person, waits for the whole of it; in milliseconds. */
const STOP_WITHIN_MS = 10_000;

/** Everything that a state of the world is made of. */
interface World {
  readonly server: NatsServer;
  readonly worker: WorkerProcess;
  readonly database: string;
  publish(): Promise<void>;
}

/** How the world is when the worker is asked to stop; something else is to be closed afterwards. */
const STATES: readonly {
  readonly what: string;
  readonly stream?: boolean;
  readonly arrange: (world: World) => Promise<Disposable | void>;
}[] = [
  {
    what: "there is no server",
    arrange: async ({ server, worker }) => {
      await server.stop();
      await worker.until("it has noticed", () => /no connection/.test(worker.log));
    },
  },
  { what: "it is connected", arrange: ({ publish }) => publish() },
  { what: "it takes events from a stream", stream: true, arrange: ({ publish }) => publish() },
  { what: "the server hangs", arrange: ({ server }) => server.pause() },
  {
    what: "the server hangs while announcements wait",
    arrange: async ({ server, publish }) => {
      await publish();
      await server.pause();
    },
  },
  {
    what: "the server of its stream hangs",
    stream: true,
    arrange: async ({ server, publish }) => {
      await publish();
      await server.pause();
    },
  },
  {
    what: "it is connecting to a server that hangs",
    arrange: async ({ server, worker }) => {
      await server.restart();
      await server.pause();
      await worker.until("it has lost the first one", () => /connection lost/.test(worker.log));
    },
  },
  {
    what: "another process holds the database",
    arrange: async ({ database, publish }) => {
      const other = new DatabaseSync(database);
      other.exec("BEGIN IMMEDIATE");
      await publish();
      return { [Symbol.dispose]: () => other.close() };
    },
  },
  {
    what: "the server of its stream hangs and another process holds the database",
    stream: true,
    arrange: async ({ database, server, publish }) => {
      const other = new DatabaseSync(database);
      other.exec("BEGIN IMMEDIATE");
      await publish();
      await server.pause();
      return { [Symbol.dispose]: () => other.close() };
    },
  },
];

for (const { what, stream = false, arrange } of STATES) {
  Deno.test(`a worker stops in good order and in time when ${what}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-stop-" });
    const database = join(folder, "ttp.db");
    try {
      await using server = await NatsServer.start({ jetstream: true });
      await setUp(server.url);
      await using worker = new WorkerProcess({
        url: server.url,
        database,
        ...(stream && { stream: NAMES.stream }),
      });
      const ready = stream ? /taking events from stream "?DECNET"?,/ : /connected to/;
      await worker.until("it works", () => ready.test(worker.log) && /ready:/.test(worker.log));
      const publish = async () => {
        await using publisher = natsBus({ servers: server.url });
        await reaches(publisher, "connected");
        const commands = ["cat /etc/shadow", "uname -a"];
        await publisher.publish([1, 2, 3].map((id) => sessionEvent(`s${id}`, commands)));
      };
      using _held = await arrange({ server, worker, database, publish }) ?? undefined;
      await worker.stop(STOP_WITHIN_MS);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
