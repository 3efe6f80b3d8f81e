import assert from "assert";
import { setUp, streamBus } from "../bus/jetstream/medium.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { Sensor } from "../harness/sensor.ts";
import { until } from "../harness/until.ts";

/** The technique that reading the password file shows. */
const DENIED = "ttp.rule.fired.T1003";

const SESSIONS = 300;

/** Users of the server: everybody else, and the worker, which may not publish to some subjects. */
const users = (denied: string) =>
  `no_auth_user: all
   authorization { users: [
     { user: all, password: p },
     { user: u, password: p, permissions: { publish: { deny: "${denied}" } } },
   ] }`;

for (const mode of ["core", "jetstream"] as const) {
  Deno.test(`a subject that the server denies costs nothing but itself, and is told once it is permitted (${mode})`, async () => {
    await using server = await NatsServer.start({ jetstream: true, config: users(DENIED) });
    if (mode === "jetstream") await setUp(server.url);
    await using others = natsBus({ servers: server.url });
    await reaches(others, "connected");
    const listener = new Listener(others);
    await others.publish([]);
    const url = server.url.replace("nats://", "nats://u:p@");
    await using bus = mode === "core" ? natsBus({ servers: url }) : streamBus(url);
    await reaches(bus, "connected");
    {
      await using sensor = Sensor.start(bus);
      const { store, worker } = sensor;
      await bus.publish([]);
      for (let from = 0; from < SESSIONS; from += 50) {
        await others.publish(
          Array.from({ length: 50 }, (_, at) => sessionEvent(`s${from + at}`, ["cat /etc/shadow"])),
        );
      }
      await until("all sessions are tagged", () => store.tags.count() >= SESSIONS);
      await until("only what is denied waits", () => store.outbox.size().messages === 0);
      const setAside = store.outbox.setAside.size().messages;
      assert.equal(setAside, SESSIONS);
      await until("all tags are told", () => listener.taggedUuids.length >= store.tags.count());
      assert.equal(listener.on(DENIED).length, 0);
      assert.match(
        worker.health.report().reason ?? "",
        /publish to ttp\.rule\.fired\.T1003: extend/,
      );
      await server.reload(users("nothing"));
      await until("what was set aside is told", () => store.outbox.count() === 0);
      await until("it is well again", () => worker.health.report().state === "ok");
      await until("it has arrived", () => listener.on(DENIED).length >= SESSIONS);
      await sensor.stop();
    }
    const ids = listener.heard.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, "something was told twice");
    await listener.close();
  });
}
