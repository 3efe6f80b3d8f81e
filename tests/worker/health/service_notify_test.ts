import assert from "assert";
import { ServiceNotify } from "../../../lib/worker/health/service_notify.ts";
import { ServiceManager } from "../../harness/service_manager.ts";

function environment(said: Readonly<Record<string, string>>): (name: string) => string | undefined {
  return (name) => said[name];
}

Deno.test("a start, its signs of life and its end are told in this order over a path socket", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/notify with spaces.sock`;
  try {
    using manager = new ServiceManager(path);
    let now = 1_000;
    const notify = new ServiceNotify({
      env: environment({ NOTIFY_SOCKET: path, WATCHDOG_USEC: "30000000" }),
      now: () => now,
    });
    assert.equal(notify.watchdogMs, 30_000);
    notify.ready("237 rules\nWATCHDOG=trigger\u0000");
    notify.alive();
    now += 9_999;
    notify.alive();
    now += 1;
    notify.alive();
    notify.status("degraded: no connection");
    notify.stopping();
    await notify[Symbol.asyncDispose]();
    const heard: string[] = [];
    for (let count = 0; count < 5; count++) heard.push(await manager.heard());
    assert.deepEqual(heard, [
      "READY=1\nSTATUS=237 rules WATCHDOG=trigger ",
      "WATCHDOG=1",
      "WATCHDOG=1",
      "STATUS=degraded: no connection",
      "STOPPING=1",
    ]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("an abstract socket hears it as well", async () => {
  const name = `decnet-ttp-test-${crypto.randomUUID()}`;
  using manager = new ServiceManager(`\0${name}`);
  await using notify = new ServiceNotify({ env: environment({ NOTIFY_SOCKET: `@${name}` }) });
  notify.ready("here");
  assert.equal(await manager.heard(), "READY=1\nSTATUS=here");
});

Deno.test("a watchdog that is meant for another process, or for none, gets no signs of life", async () => {
  const socket = { NOTIFY_SOCKET: "/run/systemd/notify" };
  for (
    const [said, watchdogMs] of [
      [{}, undefined],
      [{ WATCHDOG_USEC: "0" }, undefined],
      [{ WATCHDOG_USEC: "soon" }, undefined],
      [{ WATCHDOG_USEC: "5000", WATCHDOG_PID: "1" }, undefined],
      [{ WATCHDOG_USEC: "5000", WATCHDOG_PID: String(Deno.pid) }, 5],
    ] as const
  ) {
    const notify = new ServiceNotify({ env: environment({ ...socket, ...said }) });
    assert.equal(notify.watchdogMs, watchdogMs);
    await notify[Symbol.asyncDispose]();
  }
});

Deno.test("no service manager, one that is gone, and one that cannot be meant stop nothing", async () => {
  for (const socket of [undefined, "", "/nonexistent/notify.sock", "vsock:2:1234"]) {
    const said = socket === undefined ? {} : { NOTIFY_SOCKET: socket };
    const notify = new ServiceNotify({ env: environment(said) });
    notify.ready("here");
    notify.alive();
    notify.stopping();
    await notify[Symbol.asyncDispose]();
  }
});
