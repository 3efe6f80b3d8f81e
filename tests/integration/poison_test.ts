import assert from "assert";
import { join } from "node:path";
import { Store } from "../../lib/store/store.ts";
import { NAMES, setUp, streamBus } from "../bus/jetstream/medium.ts";
import { reaches } from "../bus/nats/medium.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { settled } from "../harness/outcome.ts";
import { until } from "../harness/until.ts";
import { WorkerProcess } from "../harness/worker_process.ts";

/** A worker that ends more often than this is ended again and again. */
const MAX_DEATHS = 8;

/** Of the worker's own memory; the poison needs more, and nothing else does. */
const HEAP_MIB = 64;

/** Objects of names of their own are what takes most memory for its size. */
function poison(): Uint8Array {
  const entries: string[] = [];
  for (let i = 0, length = 0; length < 8_200_000; i++) {
    const entry = `{"${i.toString(36).padStart(12, "k")}":1}`;
    entries.push(entry);
    length += entry.length + 1;
  }
  return new TextEncoder().encode(
    `{"payload":{"session_id":"poison","attacker_uuid":"a1","commands":[${entries.join(",")}]}}`,
  );
}

Deno.test("an event that ends the worker is found and set aside whole, and its neighbours lose nothing", async () => {
  await using server = await NatsServer.start({ jetstream: true, config: "max_payload: 8388608" });
  await setUp(server.url, { limits: { ackWaitMs: 1_000 } });
  const body = poison();
  assert.ok(body.length < 8 * 1024 * 1024);
  const sessions = Array.from({ length: 40 }, (_, i) => `s${i}`);
  {
    await using bus = streamBus(server.url);
    await reaches(bus, "connected");
    const events = sessions.map((id) => sessionEvent(id, ["uname -a"]));
    events.splice(20, 0, { subject: "attacker.session.ended", data: body });
    await bus.publish(events);
  }
  const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-poison-" });
  const database = join(folder, "ttp.db");
  try {
    let deaths = 0;
    let isDone = false;
    while (!isDone) {
      await using worker = new WorkerProcess({
        ...{ url: server.url, stream: NAMES.stream, database },
        runtimeFlags: [`--v8-flags=--max-old-space-size=${HEAP_MIB}`],
      });
      let ended = false;
      void worker.ended.then(() => ended = true);
      await until("all is done, or the worker has ended", async () => {
        isDone = !ended && await settled(server.url);
        return isDone || ended;
      }, 60_000);
      if (isDone) await worker.stop();
      else if (++deaths > MAX_DEATHS) assert.fail(`it ended ${deaths} times:\n${worker.log}`);
    }
    assert.ok(deaths >= 3 && deaths <= 4, `${deaths} deaths`);
    using store = Store.open(database, { access: "read_only", check: false });
    const ids = store.database.prepare("SELECT DISTINCT session_id AS id FROM ttp_tag")
      .all<{ id: string }>().map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), sessions.toSorted());
    const letters = store.deadLetters.list(9);
    assert.deepEqual(letters.map(({ topic }) => topic), ["attacker.session.ended"]);
    assert.match(letters[0]!.reason, /ended or blocked the worker in each of 3 attempts/);
    const path = join(store.deadLetterFiles.directory, letters[0]!.file!);
    assert.deepEqual(await Deno.readFile(path), body);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
