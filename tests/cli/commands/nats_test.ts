import assert from "assert";
import { NatsServer } from "../../harness/nats_server.ts";
import { runCaptured } from "../captured_run.ts";

Deno.test("nats setup creates what run needs, nats check finds it well", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  const env = { DECNET_NATS_URL: server.url, DECNET_BUS_PREFIX: "site" };
  const limits = ["--max-bytes", "16MiB", "--max-age", "2d", "--max-deliver", "9"];
  const before = await runCaptured(["nats", "check", "--stream", "DECNET"], env);
  assert.equal(before.code, 1);
  assert.match(before.out, /^NO {2}stream DECNET: does not exist/m);

  const setup = await runCaptured(["nats", "setup", "--stream", "DECNET", ...limits], env);
  assert.deepEqual([setup.code, setup.err], [0, ""]);
  assert.match(setup.out, /^created {3}stream DECNET$/m);
  const again = await runCaptured(
    ["nats", "setup", "--stream", "DECNET", ...limits, "--json"],
    env,
  );
  const steps = again.out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.ok(steps.length === 5 && steps.every(({ outcome }) => outcome === "unchanged"));

  const after = await runCaptured(["nats", "check", "--stream", "DECNET"], env);
  assert.deepEqual([after.code, after.err], [0, ""]);
  assert.match(after.out, /^ok {2}consumer decnet-ttp of DECNET: 0 waiting/m);
});

Deno.test("nats check without a stream looks at the server alone", async () => {
  await using server = await NatsServer.start();
  const { code, out } = await runCaptured(["nats", "check", "--json", "--nats-url", server.url]);
  assert.equal(code, 0);
  const findings = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(findings.map(({ ok }) => ok), [true, true, true, true]);
});

/** Command lines that cannot do their work, with exit code and a word of the message. */
const FAILURES = [
  [["nats", "setup"], 2, /which stream/],
  [["nats", "setup", "--stream", "a.b"], 2, /cannot be the name of a JetStream stream/],
  [["nats", "setup", "--stream", "A", "--max-bytes", "much"], 2, /--max-bytes.*512MiB/],
  [["nats", "setup", "--stream", "A", "--max-age", "long"], 2, /--max-age.*such as/],
  [["nats", "check", "--nats-url", "bogus://"], 2, /nats:\/\/HOST:PORT/],
  [["nats", "check", "--nats-url", "127.0.0.1:1"], 5, /connection refused/],
  [["nats", "setup", "--stream", "A", "--nats-url", "127.0.0.1:1"], 5, /connection refused/],
] as const;

for (const [args, expected, message] of FAILURES) {
  Deno.test(`${args.join(" ")} ends with ${expected} and one clear line`, async () => {
    const { code, out, err } = await runCaptured(args);
    assert.deepEqual([code, out], [expected, ""]);
    assert.match(err, message);
    assert.equal(err.trimEnd().split("\n").length, 1);
  });
}
