import assert from "assert";
import { programCommand } from "../cli/program_process.ts";
import { until } from "../harness/until.ts";

/** A server that ends each connection at once, and counts them. */
function brokenServer() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let tries = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      tries++;
      connection.close();
    }
  })();
  return {
    url: `nats://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    tries: () => tries,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

Deno.test("a worker whose log nobody reads any more goes on, and stops when it is told to", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-test-" });
  await using server = brokenServer();
  const worker = programCommand(
    ["run", "--db", `${folder}/ttp.db`, "--nats-url", server.url],
    { stdout: "null" },
  ).spawn();
  try {
    const log = worker.stderr.getReader();
    let text = "";
    while (!text.includes("try 1")) text += new TextDecoder().decode((await log.read()).value);
    await log.cancel();
    // Each try is logged, in vain: the second shows that the first did no harm.
    const before = server.tries();
    await until("it tries to connect again and again", () => server.tries() >= before + 2);
    let code: number | undefined;
    void worker.status.then((status) => code = status.code);
    worker.kill("SIGTERM");
    await until("it has ended", () => code !== undefined);
    assert.equal(code, 0);
  } finally {
    try {
      worker.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await worker.status;
    Deno.removeSync(folder, { recursive: true });
  }
});
