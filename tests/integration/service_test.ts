import assert from "assert";
import { programCommand } from "../cli/program_process.ts";

Deno.test("a service manager hears that the worker is ready, lives, and stops", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-test-" });
  const path = `${folder}/notify.sock`;
  const manager = Deno.listenDatagram({ transport: "unixpacket", path });
  const heard = async (): Promise<string> => {
    const text = new TextDecoder().decode((await manager.receive())[0]);
    // That there is no server is said at a moment of its own.
    return text.startsWith("STATUS=") ? await heard() : text;
  };
  const worker = programCommand(["run", "--db", `${folder}/ttp.db`], {
    env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: "900000" },
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    assert.match(await heard(), /^READY=1\nSTATUS=\d+ rules, ATT&CK enterprise-19\.1$/);
    // The signs of life come out of the loop, also while it has nothing to do.
    for (let sign = 0; sign < 2; sign++) assert.equal(await heard(), "WATCHDOG=1");
    worker.kill("SIGTERM");
    let last = await heard();
    while (last === "WATCHDOG=1") last = await heard();
    assert.equal(last, "STOPPING=1");
    assert.equal((await worker.status).code, 0);
  } finally {
    manager.close();
    Deno.removeSync(folder, { recursive: true });
  }
});
