import assert from "assert";
import { join } from "node:path";
import { roomAt } from "../../lib/store/sqlite/disk_room.ts";
import { setUp } from "../bus/jetstream/medium.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { acknowledged } from "../harness/outcome.ts";
import { WorkerProcess } from "../harness/worker_process.ts";

Deno.test("a real worker takes no event below --min-free, says why, and another floor lets them in", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const listener = new Listener(bus, "system.ttp.health");
  const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-test-" });
  const common = { url: server.url, stream: "DECNET", database: join(folder, "ttp.db") };
  try {
    await bus.publish([sessionEvent("s1", ["cat /etc/shadow"])]);
    {
      const { total } = roomAt(folder)!;
      await using worker = new WorkerProcess({ ...common, args: ["--min-free", `${total + 1}`] });
      await worker.until("it says so", () => {
        const payload = listener.heard.at(-1)?.payload;
        return payload?.["state"] === "degraded" &&
          /^store: the disk of .* is below its floor .*--min-free/.test(String(payload["reason"]));
      });
      assert.equal(await acknowledged(server.url), 0);
      await worker.stop();
    }
    await using worker = new WorkerProcess({ ...common, args: ["--min-free", "1M"] });
    await worker.until("the event is taken", async () => await acknowledged(server.url) === 1);
    await worker.stop();
  } finally {
    await listener.close();
    await Deno.remove(folder, { recursive: true });
  }
});
