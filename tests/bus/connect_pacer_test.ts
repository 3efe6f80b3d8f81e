import assert from "assert";
import { ConnectError } from "../../lib/bus/connect_error.ts";
import { ConnectPacer } from "../../lib/bus/connect_pacer.ts";
import { RECONNECT_DELAY } from "../../lib/bus/reconnect_delay.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { EventLog, natsBus, reaches } from "./nats/medium.ts";

/** Whoever restarts a server has its clients back within two seconds, the time to connect included. */
const SOON_MS = 1_500;

const ABSENT = new ConnectError("connection refused", true);
const REFUSED = new ConnectError("the server refuses the login", false);

/** Draws the longest pause there is. */
const pacer = () => new ConnectPacer(RECONNECT_DELAY, () => 1);

Deno.test("a server that is away is tried again soon, however long it has been away", () => {
  const paces = pacer();
  for (let attempt = 1; attempt <= 1000; attempt++) {
    assert.equal(paces.failed(ABSENT), SOON_MS);
    assert.equal(paces.attempts, attempt);
  }
});

Deno.test("a server that refuses is tried ever more seldom, until it has been away or taken us", () => {
  const paces = pacer();
  const refusals = () => [1, 2, 3, 4, 5, 6].map(() => paces.failed(REFUSED));
  const growing = [2000, 4000, 8000, 16_000, 30_000, 30_000];
  assert.deepEqual(refusals(), growing);
  paces.failed(ABSENT);
  assert.deepEqual(refusals(), growing);
  assert.equal(paces.lost("NA", 60_000), SOON_MS);
  assert.deepEqual(refusals(), growing);
});

Deno.test("a server that restarts again and again is tried again soon each time", () => {
  const paces = pacer();
  for (const id of ["NA", "NB", "NC", "ND", "NE"]) {
    assert.equal(paces.lost(id, 100), SOON_MS);
    assert.equal(paces.attempts, 0);
  }
});

Deno.test("tries that failed are counted from the last connection on", () => {
  const paces = pacer();
  for (const attempt of [1, 2, 3]) {
    paces.failed(REFUSED);
    assert.equal(paces.attempts, attempt);
  }
  paces.lost("NA", 60_000);
  assert.equal(paces.attempts, 0);
  paces.failed(ABSENT);
  assert.equal(paces.attempts, 1);
});

Deno.test("one server that drops each connection is tried ever more seldom", () => {
  const paces = pacer();
  const lost = [1, 2, 3, 4].map(() => paces.lost("NA", 100));
  assert.deepEqual(lost, [SOON_MS, 2000, 4000, 8000]);
  assert.equal(paces.lost("NA", 10_000), SOON_MS);
});

Deno.test("a bus is back soon after each of many quick restarts of its server", async () => {
  await using server = await NatsServer.start();
  const log = new EventLog();
  const options = { onEvent: log.listen, reconnectDelay: RECONNECT_DELAY };
  await using bus = natsBus({ servers: server.url }, options);
  for (let restart = 1; restart <= 5; restart++) {
    await log.next("connected", restart);
    await server.kill();
    await log.next("disconnected", restart);
    await server.restart();
  }
  await reaches(bus, "connected");
  const pauses = log.events.flatMap((event) => "retryInMs" in event ? event.retryInMs : []);
  assert.ok(pauses.length >= 5 && pauses.every((ms) => ms <= SOON_MS), `${pauses}`);
});
