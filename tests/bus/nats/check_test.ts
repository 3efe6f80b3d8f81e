import assert from "assert";
import { BusError } from "../../../lib/bus/bus.ts";
import { checkNats } from "../../../lib/bus/nats/check.ts";
import type { NatsSettings } from "../../../lib/bus/nats/settings.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { natsBus, reaches } from "./medium.ts";

const OPTIONS = { prefix: "", name: "check", timeoutMs: 2000, pingIntervalMs: 20_000 };

/** What is wrong, in one line each. */
async function faults(settings: NatsSettings, now = Date.now): Promise<readonly string[]> {
  const findings = await checkNats(settings, OPTIONS, now);
  return findings.filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`);
}

Deno.test("a check of a server that allows everything finds nothing", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  assert.deepEqual(await faults({ servers: server.url }), []);
});

Deno.test("a check names every subject that may not be subscribed to", async () => {
  await using server = await NatsServer.start({
    config: `authorization { users: [ { user: u, password: p, permissions: {
      subscribe: { deny: ["canary.>", "system.ttp.control"] } } } ] }`,
  });
  assert.deepEqual(await faults({ servers: server.url, user: "u", password: "p" }), [
    "permission to subscribe: canary.> is denied; allow it to this user on the server",
    "permission to subscribe: system.ttp.control is denied; allow it to this user on the server",
  ]);
});

Deno.test("a check finds a clock that is wrong", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  const [fault, ...others] = await faults({ servers: server.url }, () => Date.now() - 3_600_000);
  assert.match(fault ?? "", /^clock: -3\d{3}\.\d s from the server's; keep both in time/);
  assert.deepEqual(others, []);
});

Deno.test("a check believes what a server says about permissions and time", async () => {
  await using server = await NatsServer.start();
  await using oracle = natsBus({ servers: server.url });
  await reaches(oracle, "connected");
  const answer = {
    server: { time: "2020-01-01T00:00:00Z" },
    data: { permissions: { publish: { allow: ["ttp.>"], deny: ["ttp.rule.state.*"] } } },
  };
  const { connection } = oracle.link!;
  connection.subscribe("$SYS.REQ.USER.INFO", {
    callback: (_error, message) => void message.respond(JSON.stringify(answer)),
  });
  await connection.flush();
  const now = () => Date.parse("2020-01-01T00:00:10Z");
  assert.deepEqual(await faults({ servers: server.url }, now), [
    "permission to publish: ttp.rule.state.R0001, system.ttp.health denied; allow it to this user",
    "clock: 10.0 s from the server's; keep both in time with NTP",
  ]);
});

Deno.test("a check of a server that is not there fails with the reason", async () => {
  await assert.rejects(faults({ servers: "127.0.0.1:1" }), BusError);
});
