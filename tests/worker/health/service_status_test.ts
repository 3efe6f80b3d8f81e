import assert from "assert";
import { Health } from "../../../lib/worker/health/health.ts";
import { ServiceNotify } from "../../../lib/worker/health/service_notify.ts";
import { ServiceStatus } from "../../../lib/worker/health/service_status.ts";
import { ServiceManager } from "../../harness/service_manager.ts";

Deno.test("each change of health is told once in the status of the service", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/notify.sock`;
  try {
    using manager = new ServiceManager(path);
    const notify = new ServiceNotify({
      env: (name) => name === "NOTIFY_SOCKET" ? path : undefined,
    });
    const health = new Health();
    const status = new ServiceStatus(notify);
    status.start({ health });
    const changes = [
      () => {},
      () => health.degrade("store", "the disk is full"),
      () => health.recover("store"),
    ];
    for (const change of changes) {
      change();
      status.tick();
      status.tick();
    }
    notify.stopping();
    await notify[Symbol.asyncDispose]();
    const heard: string[] = [];
    for (let count = 0; count < 3; count++) heard.push(await manager.heard());
    assert.deepEqual(heard, [
      "STATUS=degraded: store: the disk is full",
      "STATUS=ok",
      "STOPPING=1",
    ]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
