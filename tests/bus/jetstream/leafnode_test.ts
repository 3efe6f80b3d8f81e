import assert from "assert";
import { jetstreamManager, StorageType } from "nats/jetstream";
import type { BusSubscription } from "../../../lib/bus/bus.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { publication } from "../bus_contract.ts";
import { setUp, streamBus } from "./medium.ts";
import { natsBus, reaches } from "../nats/medium.ts";

const SESSION = "attacker.session.ended";

/** Works as the worker does: announces an event, and acknowledges it once that is confirmed. */
async function work(events: BusSubscription, announce: (id: string) => Promise<unknown>) {
  for await (const event of events) {
    await announce(new TextDecoder().decode(event.data));
    event.ack();
  }
}

/** Asks again until the answer is as wanted. */
async function eventually(ask: () => Promise<number>, wanted: number): Promise<void> {
  for (let answer = -1; answer !== wanted;) {
    answer = await ask().catch(() => -1);
    assert.ok(answer <= wanted, `${answer} are more than ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("a sensor with a leaf node works on while its uplink is cut, and nothing is lost", async () => {
  await using hub = await NatsServer.start({ jetstream: true, domain: "hub", leafnodes: true });
  await using leaf = await NatsServer.start({
    jetstream: true,
    domain: "sensor",
    config: `leafnodes { reconnect: 1, remotes: [ { url: "${hub.leafUrl}" } ] }`,
  });
  await setUp(leaf.url);
  await using honeypot = natsBus({ servers: leaf.url });
  await using worker = streamBus(leaf.url);
  await using operator = natsBus({ servers: hub.url });
  await Promise.all([honeypot, worker, operator].map((bus) => reaches(bus, "connected")));

  const fleet = async () => {
    const manager = await jetstreamManager(operator.link!.connection);
    return (await manager.streams.info("FLEET")).state.messages;
  };
  const manager = await jetstreamManager(operator.link!.connection);
  await manager.streams.add({
    name: "FLEET",
    storage: StorageType.File,
    sources: [{ name: "DECNET-TTP", external: { api: "$JS.sensor.API", deliver: "" } }],
  });

  const events = worker.durable();
  const working = work(
    events,
    (id) => worker.publish([{ ...publication("ttp.tagged", id), msgId: id }]),
  );
  const publish = (from: number, to: number) =>
    honeypot.publish(
      Array.from({ length: to - from }, (_, index) => publication(SESSION, `e${from + index}`)),
    );
  const kept = async () => {
    const local = await jetstreamManager(worker.link!.connection);
    return (await local.streams.info("DECNET-TTP")).state.messages;
  };

  await publish(0, 50);
  await eventually(fleet, 50);
  await hub.stop();
  await publish(50, 100);
  await eventually(kept, 100);
  await leaf.kill();
  await leaf.restart();
  await reaches(honeypot, "connected");
  await publish(100, 150);
  await eventually(kept, 150);
  await hub.restart();
  await eventually(fleet, 150);
  await events.drain();
  await working;
});
