import assert from "assert";
import { join } from "node:path";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { programCommand } from "../cli/program_process.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { ServiceManager } from "../harness/service_manager.ts";
import { until } from "../harness/until.ts";

/** So short that every turn of the loop gives a sign of life; in microseconds. */
const WATCHDOG_USEC = "3";

/** The real program under a service manager, until `work` has ended it. */
async function supervised(
  url: string,
  work: (service: { manager: ServiceManager; child: Deno.ChildProcess }) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "service manager " });
  const socket = join(folder, "notify.sock");
  using manager = new ServiceManager(socket);
  const child = programCommand([
    "run",
    "--trust-control",
    "--nats-url",
    url,
    "--db",
    join(folder, "ttp.db"),
  ], {
    env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC },
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await work({ manager, child });
    assert.equal((await child.status).code, 0);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    await child.status;
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("an order from the bus to stop is told to systemd as well", async () => {
  await using server = await NatsServer.start();
  await supervised(server.url, async ({ manager, child }) => {
    await manager.heardUntil("WATCHDOG=1");
    await using bus = natsBus({ servers: server.url });
    await reaches(bus, "connected");
    const order = { payload: { action: "stop", requested_by: "test" } };
    const data = new TextEncoder().encode(JSON.stringify(order));
    let ended = false;
    void child.status.then(() => ended = true);
    // An order that comes before the worker has subscribed is heard by nobody.
    await until("the order is obeyed", async () => {
      await bus.publish([{ subject: "system.ttp.control", data }]);
      return ended;
    });
    await manager.heardUntil("STOPPING=1");
  });
});

Deno.test("without a server run is ready all the same, and its status says what is missing", async () => {
  await supervised("nats://127.0.0.1:1", async ({ manager, child }) => {
    assert.match(await manager.heard(), /^READY=1\n/);
    const said = await manager.heardUntil("STATUS=degraded");
    assert.match(said, /^STATUS=degraded: bus: not connected to \S+/);
    child.kill("SIGTERM");
    await manager.heardUntil("STOPPING=1");
  });
});
