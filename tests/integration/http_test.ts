import assert from "assert";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { runProcess } from "../cli/program_process.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { until } from "../harness/until.ts";
import { startWorker, valueOf } from "../harness/watched_worker.ts";

Deno.test("a worker tells what it did by rule and subject, and the report as it is now", async () => {
  await using server = await NatsServer.start();
  await using publisher = natsBus({ servers: server.url });
  await using worker = await startWorker(["--nats-url", server.url]);
  await reaches(publisher, "connected");
  await until("it is ready", async () => (await worker.get("/readyz")).status === 200);
  assert.match((await worker.get("/")).text, /Nothing was seen/);
  await publisher.publish([
    sessionEvent("s1", ["cat /etc/shadow", "</script><script>alert(1)</script>; cat /etc/shadow"]),
  ]);
  await until(
    "the tags are counted by rule",
    async () => valueOf(await worker.metrics(), "decnet_ttp_tags_total", { rule: "R0014" }) === 2,
  );
  const metrics = await worker.metrics();
  const events = { subject: "attacker.session.ended" };
  assert.equal(valueOf(metrics, "decnet_ttp_events_total", events), 1);
  assert.equal(valueOf(metrics, "decnet_ttp_healthy"), 1);
  assert.ok(valueOf(metrics, "process_resident_memory_bytes") > 1_000_000);
  assert.ok(
    metrics.some(({ name, labels }) =>
      name === "decnet_ttp_build_info" && labels["attack_release"] === "enterprise-19.1"
    ),
  );
  await until("the page shows them", async () => /T1003\.008/.test((await worker.get("/")).text));
  assert.doesNotMatch((await worker.get("/")).text, /<script>alert/);
});

Deno.test("health tells that the server is away, and that it is back", async () => {
  await using server = await NatsServer.start();
  await using worker = await startWorker(["--nats-url", server.url]);
  await until("it is well", async () => (await worker.get("/healthz")).status === 200);
  await server.stop();
  await until("it says that it is not", async () => {
    const { status, text } = await worker.get("/healthz");
    return status === 503 && /bus: not connected/.test(JSON.parse(text).reason);
  });
  assert.equal((await worker.get("/readyz")).status, 503);
  assert.equal(valueOf(await worker.metrics(), "decnet_ttp_bus_connected"), 0);
  await server.restart();
  await until("it is well again", async () => (await worker.get("/healthz")).status === 200);
});

Deno.test("a token from the environment is asked for, and shown nowhere", async () => {
  const token = "a-token-that-nobody-guesses";
  await using worker = await startWorker([], { DECNET_TTP_HTTP_TOKEN: token });
  assert.equal((await worker.get("/metrics")).status, 401);
  const { status } = await worker.get("/metrics", { authorization: `Bearer ${token}` });
  assert.equal(status, 200);
  assert.equal(worker.log().includes(token), false);
});

Deno.test("an endpoint that would let strangers in is refused before anything is opened", async () => {
  const short = { DECNET_TTP_HTTP_TOKEN: "short" };
  const cases: readonly (readonly [readonly string[], Record<string, string>, RegExp])[] = [
    [["--http", "0.0.0.0:9464"], {}, /can be reached from other hosts; say --http-allow-remote/],
    [["--http", "0.0.0.0:9464", "--http-allow-remote"], {}, /needs a token/],
    [["--http", "127.0.0.1:9464"], short, /at least 16 characters/],
    [["--http", "9464"], {}, /no address like 127\.0\.0\.1:9464/],
    [["--http", "127.0.0.1:99999"], {}, /no address like/],
    [
      ["--http", "127.0.0.1:1", "--http-token-file", "/nonexistent"],
      {},
      /cannot read \/nonexistent/,
    ],
  ];
  const folder = Deno.makeTempDirSync();
  for (const [args, env, message] of cases) {
    const run = await runProcess(["run", "--db", `${folder}/t.db`, ...args], "", env);
    assert.equal(run.code, 2, run.err);
    assert.match(run.err, message);
  }
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  Deno.removeSync(folder);
});
