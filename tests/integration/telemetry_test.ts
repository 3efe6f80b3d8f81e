import assert from "assert";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { programCommand } from "../cli/program_process.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { until } from "../harness/until.ts";

const SECRET = "hunter2-typed-by-the-attacker";

const SPANS = [
  "ttp.worker.tick",
  "ttp.eval",
  "ttp.lifter.behavioral",
  "ttp.rule.fire",
  "ttp.tag.write",
  "ttp.bus.publish",
];

const METRICS = [
  "ttp.eval.events",
  "ttp.eval.latency",
  "ttp.rule.fire",
  "ttp.tag.written",
  "ttp.tag.dropped",
  "ttp.bus.published",
];

/** Remembers what an exporter sends over OTLP/HTTP as JSON. */
class Receiver implements AsyncDisposable {
  /** Bodies in order of arrival. */
  readonly bodies: string[] = [];
  readonly #server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      this.bodies.push(await request.text());
      return Response.json({});
    },
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Names of all spans, or all metrics, that arrived. */
  names(list: "spans" | "metrics"): ReadonlySet<string> {
    return new Set(this.bodies.flatMap((body) => namesIn(JSON.parse(body), list)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** The names in every list of that key, however deep. */
function namesIn(value: unknown, list: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === list && Array.isArray(inner) ? inner.map(({ name }) => String(name)) : []),
    ...namesIn(inner, list),
  ]);
}

/**
 * Runs the real program until it has tagged hostile sessions and was stopped; gives its log.
 *
 * @param isDone what else has to hold before it is stopped
 */
async function tagHostileSession(
  env: Readonly<Record<string, string>>,
  isDone: () => boolean = () => true,
): Promise<string> {
  await using server = await NatsServer.start();
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const listener = new Listener(bus);
  const folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-test-" });
  const child = programCommand(
    ["run", "--db", `${folder}/ttp.db`, "--nats-url", server.url, "--announce-limit", "1"],
    { env, stdout: "null" },
  ).spawn();
  let log = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  const command = `cat /etc/shadow; echo ${SECRET}`;
  await until("it announces what the session was tagged with", async () => {
    await bus.publish([sessionEvent("session-1", [command, `${command} again`])]);
    return listener.taggedUuids.length > 0 && isDone();
  });
  child.kill("SIGTERM");
  await until("it has stopped", () => /stopped after/.test(log));
  // What the runtime does on its way out is not this program's: its last export can hang.
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  await child.status;
  await reading;
  await listener.close();
  Deno.removeSync(folder, { recursive: true });
  return log;
}

function exporting(receiver: Receiver): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRIC_EXPORT_INTERVAL: "200",
    OTEL_BSP_SCHEDULE_DELAY: "200",
  };
}

Deno.test("spans and metrics of the whole pipeline reach a collector, and no text of the attacker does", async () => {
  await using receiver = new Receiver();
  const log = await tagHostileSession({ ...exporting(receiver), OTEL_DENO: "true" }, () => {
    const [spans, metrics] = [receiver.names("spans"), receiver.names("metrics")];
    return SPANS.every((name) => spans.has(name)) && METRICS.every((name) => metrics.has(name));
  });
  const received = receiver.bodies.join("\n");
  for (const id of ["R0014", "T1003", "session-1", "ttp.tagged"]) {
    assert.ok(received.includes(id), `${id} arrived`);
  }
  for (const text of [SECRET, "/etc/shadow"]) assert.equal(received.includes(text), false);
  assert.doesNotMatch(log, /asks for traces/);
});

for (const variable of [undefined, "DECNET_DEVELOPER_TRACING", "OTEL_DENO"]) {
  Deno.test(`nothing is exported ${variable === undefined ? "unless asked for" : `by ${variable}=1, and the log says how`}`, async () => {
    await using receiver = new Receiver();
    const log = await tagHostileSession({
      ...exporting(receiver),
      ...(variable !== undefined && { [variable]: "1" }),
    });
    assert.deepEqual(receiver.bodies, []);
    const said = /(\w+) asks for traces.*OTEL_DENO=true/.exec(log)?.[1];
    assert.equal(said, variable, log);
  });
}
