import assert from "assert";
import { nkeys } from "nats/core";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLogin, redact } from "../../../lib/bus/nats/login.ts";
import type { NatsSettings } from "../../../lib/bus/nats/settings.ts";
import { jwtLogin } from "../../harness/nats_jwt.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { take } from "../bus_contract.ts";
import { EventLog, natsBus, reaches } from "./medium.ts";

type Login = Omit<NatsSettings, "servers">;

/** One way to protect a server, and logins that it takes and refuses. */
interface Case {
  readonly config: string;
  readonly good: readonly Login[];
  readonly bad: readonly Login[];
  /** What the refusal says, where it is not about the login. */
  readonly says?: RegExp;
}

const TLS = fileURLToPath(new URL("../../fixtures/tls/", import.meta.url));
const pem = (name: string) => join(TLS, `${name}.pem`);
const SERVER_CERTIFICATE = `cert_file: "${pem("server")}", key_file: "${pem("server-key")}"`;
const CLIENT_CERTIFICATE = { certFile: pem("client"), keyFile: pem("client-key") };

const folder = Deno.makeTempDirSync({ prefix: "nats-login-test-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  Deno.writeTextFileSync(path, text);
  return path;
}

const [known, stranger] = [nkeys.createUser(), nkeys.createUser()];
const seedOf = (key: typeof known) => new TextDecoder().decode(key.getSeed());
const seedIn = (creds: string) => /\bSU[A-Z2-7]{20,}/.exec(creds)![0];
const [jwt, otherJwt] = [jwtLogin(), jwtLogin()];

const CASES: Readonly<Record<string, Case>> = {
  "user and password": {
    config: 'authorization { user: "sensor", password: "pass word" }',
    good: [
      { user: "sensor", password: "pass word" },
      { user: "sensor", passwordFile: file("password", "pass word\n") },
    ],
    bad: [{ user: "sensor", password: "hunter2hunter2" }, {}],
  },
  "a token": {
    config: 'authorization { token: "s3cr3t" }',
    good: [{ token: "s3cr3t" }, { tokenFile: file("token", "s3cr3t\n") }],
    bad: [{ token: "hunter2hunter2" }, {}],
  },
  "an nkey": {
    config: `authorization { users: [ { nkey: ${known.getPublicKey()} } ] }`,
    good: [{ nkeySeedFile: file("known.nk", `${seedOf(known)}\n`) }],
    bad: [{ nkeySeedFile: file("stranger.nk", seedOf(stranger)) }, {}],
  },
  "a creds file": {
    config: jwt.config,
    good: [{ credsFile: file("known.creds", jwt.creds) }],
    bad: [{ credsFile: file("stranger.creds", otherJwt.creds) }, {}],
  },
  "TLS": {
    config: `tls { ${SERVER_CERTIFICATE} }`,
    good: [{ caFile: pem("ca") }],
    bad: [{ caFile: pem("other-ca") }, {}],
    says: /not signed by a known authority/,
  },
  "TLS for another host": {
    config: `tls { cert_file: "${pem("elsewhere")}", key_file: "${pem("elsewhere-key")}" }`,
    good: [],
    bad: [{ caFile: pem("ca") }],
    says: /is for another host name/,
  },
  "TLS with a client certificate": {
    config: `tls { ${SERVER_CERTIFICATE}, ca_file: "${pem("ca")}", verify: true }`,
    good: [{ caFile: pem("ca"), ...CLIENT_CERTIFICATE }],
    bad: [{ caFile: pem("ca") }],
    says: /demands? a client certificate/,
  },
  "TLS and a password": {
    config: `tls { ${SERVER_CERTIFICATE} }\nauthorization { user: "u", password: "p" }`,
    good: [{ caFile: pem("ca"), user: "u", password: "p" }],
    bad: [{ caFile: pem("ca"), user: "u", password: "hunter2hunter2" }],
  },
  "no TLS, where TLS is insisted on": {
    config: "",
    good: [{}],
    bad: [{ caFile: pem("ca") }],
    says: /does not offer TLS/,
  },
};

for (const [protection, { config, good, bad, says }] of Object.entries(CASES)) {
  Deno.test(`a server with ${protection} lets the right login in and no other`, async () => {
    await using server = await NatsServer.start({ config });
    for (const login of good) {
      await using bus = natsBus({ servers: server.url, ...login });
      await reaches(bus, "connected");
      const subscription = bus.subscribe("a");
      await bus.publish([{ subject: "a", data: new Uint8Array(300_000) }]);
      assert.equal((await take(subscription, 1))[0]?.data.length, 300_000);
    }
    for (const login of bad) {
      const log = new EventLog();
      await using bus = natsBus({ servers: server.url, ...login }, { onEvent: log.listen });
      // The third failure shows that it goes on trying.
      const { reason } = await log.next("connect_failed", 3);
      assert.match(reason, says ?? /the server refuses the login/);
      assert.doesNotMatch(JSON.stringify([log.events, bus.description]), /hunter2/);
      assert.equal(bus.status, "connecting");
    }
  });
}

for (
  const [what, login, secret] of [
    ["a password", { user: "sensor", password: "hunter2" }, "hunter2"],
    [
      "a password in a file",
      { user: "sensor", passwordFile: file("secret", "hunter2\n") },
      "hunter2",
    ],
    ["a password in the address", { servers: "nats://sensor:hunter2@127.0.0.1" }, "hunter2"],
    ["a token", { token: "hunter2" }, "hunter2"],
    ["a token in a file", { tokenFile: file("secret-token", "hunter2\n") }, "hunter2"],
    ["a token in the address", { servers: "nats://hunter2@127.0.0.1" }, "hunter2"],
    ["the seed of an nkey", { nkeySeedFile: file("secret.nk", seedOf(known)) }, seedOf(known)],
    ["the seed of a creds file", { credsFile: file("secret.creds", jwt.creds) }, seedIn(jwt.creds)],
  ] as const
) {
  Deno.test(`${what} is taken out of what a server says of the login`, () => {
    const { secrets } = readLogin({ servers: "nats://127.0.0.1", ...login });
    assert.equal(redact(`bad login: '${secret}'`, secrets), "bad login: '…'");
  });
}

Deno.test("a server that repeats the password in its error does not bring it into the log", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const text = (said: string) => new TextEncoder().encode(said);
  const serving = (async () => {
    const connection = await listener.accept();
    await connection.write(text('INFO {"version":"2.10.0","max_payload":9,"proto":1}\r\n'));
    // CONNECT and PING may come apart.
    for (let heard = ""; !heard.includes("PING");) {
      const bytes = new Uint8Array(4096);
      heard += new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0));
    }
    await connection.write(text("PONG\r\n"));
    return connection;
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const log = new EventLog();
  {
    const settings = { servers: `127.0.0.1:${port}`, user: "sensor", password: "hunter2" };
    await using _bus = natsBus(settings, { onEvent: log.listen, timeoutMs: 200 });
    await log.next("connected");
    await (await serving).write(text("-ERR 'hunter2 is wrong'\r\n"));
    assert.match((await log.next("server_error")).message, /… is wrong/);
  }
  listener.close();
  (await serving).close();
  assert.doesNotMatch(JSON.stringify(log.events), /hunter2/);
});

Deno.test("credentials in the address log in and are not shown", async () => {
  const config = 'authorization { user: "sensor", password: "hunter2hunter2" }';
  await using server = await NatsServer.start({ config });
  const log = new EventLog();
  const servers = server.url.replace("//", "//sensor:hunter2hunter2@");
  await using bus = natsBus({ servers }, { onEvent: log.listen });
  await reaches(bus, "connected");
  await log.next("connected");
  assert.equal(bus.description, `127.0.0.1:${server.port}`);
  assert.doesNotMatch(JSON.stringify(log.events), /hunter2/);
});

Deno.test("a password that changes on disk is used for the next connection", async () => {
  await using server = await NatsServer.start({
    config: 'authorization { user: "u", password: "old" }',
  });
  const passwordFile = file("rotating", "old");
  const log = new EventLog();
  await using bus = natsBus(
    { servers: server.url, user: "u", passwordFile },
    { onEvent: log.listen },
  );
  await reaches(bus, "connected");
  server.config = 'authorization { user: "u", password: "new" }';
  await server.restart();
  await log.next("connect_failed");
  await Deno.writeTextFile(passwordFile, "new");
  await log.next("connected", 2);
});

Deno.test("a server behind TLS that wants the handshake first is reached", async () => {
  await using server = await NatsServer.start();
  const [cert, key] = await Promise.all(
    [pem("server"), pem("server-key")].map((path) => Deno.readTextFile(path)),
  );
  // The packaged server is too old for `handshake_first`: a proxy does it for it.
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: cert!, key: key! });
  const proxying = (async () => {
    const outside = await listener.accept();
    const inside = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await Promise.allSettled([
      outside.readable.pipeTo(inside.writable),
      inside.readable.pipeTo(outside.writable),
    ]);
  })();
  const { port } = listener.addr as Deno.NetAddr;
  {
    await using bus = natsBus({
      servers: `tls://127.0.0.1:${port}`,
      tlsFirst: true,
      caFile: pem("ca"),
    });
    await reaches(bus, "connected");
    const subscription = bus.subscribe("a");
    await bus.publish([{ subject: "a", data: new Uint8Array(100_000) }]);
    assert.equal((await take(subscription, 1))[0]?.data.length, 100_000);
  }
  await proxying;
});

Deno.test("a connection with a client certificate outlives its server", async () => {
  await using server = await NatsServer.start({
    config: CASES["TLS with a client certificate"]!.config,
  });
  const log = new EventLog();
  await using bus = natsBus(
    { servers: server.url, caFile: pem("ca"), ...CLIENT_CERTIFICATE },
    { onEvent: log.listen },
  );
  const messages = bus.subscribe("a")[Symbol.asyncIterator]();
  for (const round of [1, 2, 3]) {
    await log.next("connected", round);
    await bus.publish([{ subject: "a", data: Uint8Array.of(round) }]);
    assert.deepEqual((await messages.next()).value.data, Uint8Array.of(round));
    await (round === 1 ? server.kill() : server.stop());
    await log.next("disconnected", round);
    await server.restart();
  }
});
