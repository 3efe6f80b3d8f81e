import assert from "assert";
import type { Publication } from "../../lib/bus/bus.ts";
import { loadPack } from "../../lib/rules/pack.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { runCaptured } from "../cli/captured_run.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { until } from "../harness/until.ts";
import { startWorker, valueOf, type WatchedWorker } from "../harness/watched_worker.ts";

const RULE_IDS = loadPack().rules.map(({ document }) => document.rule_id);

/** A message that somebody without any right to it sends. */
function order(subject: string, payload: unknown): Publication {
  return { subject, data: new TextEncoder().encode(JSON.stringify({ payload })) };
}

/** So many orders that switch rules off, all rules among them. */
function disableOrders(count: number): readonly Publication[] {
  return Array.from(
    { length: count },
    (_, index) =>
      order(`ttp.rule.state.${RULE_IDS[index % RULE_IDS.length]}`, {
        state: "disabled",
        set_by: "root",
      }),
  );
}

const STOP = order("system.ttp.control", { action: "stop", requested_by: "root" });

/** What the worker says it has heard and not obeyed. */
const refused = (worker: WatchedWorker) => async (subject: string) =>
  valueOf(await worker.metrics(), "decnet_ttp_untrusted_orders_total", { subject });

Deno.test("forged orders change nothing by default, are counted, and are logged once a minute", async () => {
  await using server = await NatsServer.start();
  await using publisher = natsBus({ servers: server.url });
  await reaches(publisher, "connected");
  await using worker = await startWorker(["--nats-url", server.url]);
  await until("it is ready", async () => (await worker.get("/readyz")).status === 200);
  const listener = new Listener(publisher);
  await publisher.publish([...disableOrders(243), STOP]);
  const countOf = refused(worker);
  await until("all states are counted", async () => await countOf("ttp.rule.state.>") === 243);
  await until("the stop is counted", async () => await countOf("system.ttp.control") === 1);
  await publisher.publish([sessionEvent("s1", ["cat /etc/shadow"])]);
  await until("a session is labelled", () => listener.on("ttp.rule.fired.T1003").length === 1);
  const metrics = await worker.metrics();
  assert.equal(valueOf(metrics, "decnet_ttp_rules_disabled"), 0);
  assert.equal((await worker.get("/healthz")).status, 200);
  for (const subject of ["ttp.rule.state.>", "system.ttp.control"]) {
    const lines = worker.log().split("\n").filter((line) =>
      line.includes(`an order on "${subject}" is not obeyed`)
    );
    assert.equal(lines.length, 1, worker.log());
  }
  await listener.close();
});

Deno.test("with trust a worker whose rules are off because of the bus is degraded until an operator resets them", async () => {
  await using server = await NatsServer.start();
  await using publisher = natsBus({ servers: server.url });
  await reaches(publisher, "connected");
  await using worker = await startWorker(["--nats-url", server.url, "--trust-control"]);
  await until("it is ready", async () => (await worker.get("/readyz")).status === 200);
  const health = async () => JSON.parse((await worker.get("/healthz")).text);
  await publisher.publish(disableOrders(RULE_IDS.length));
  await until("it is degraded", async () => /off because of the bus/.test((await health()).reason));
  assert.equal((await health()).rules_disabled_by_bus, RULE_IDS.length);
  const reset = await runCaptured(["rules", "reset", "*", "--db", worker.database, "--json"]);
  assert.equal(reset.code, 0, reset.err);
  await until("it is well", async () => (await worker.get("/healthz")).status === 200);
  // Those that an operator switches off are his business.
  const off = await runCaptured(["rules", "disable", "*", "--db", worker.database]);
  assert.equal(off.code, 0, off.err);
  await until("they are off", async () => (await health()).rules_disabled === RULE_IDS.length);
  assert.equal((await worker.get("/healthz")).status, 200);
  await publisher.publish([STOP]);
  assert.equal(await worker.ended, 0);
});
