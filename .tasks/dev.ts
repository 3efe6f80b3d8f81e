/**
 * `deno task dev`: a local nats-server, the worker, restarted when its code
 * changes, and the demo's events every few seconds. Ctrl-C ends all of it.
 */
import { NatsBus } from "../lib/bus/nats/nats.ts";
import { processTerminal } from "../lib/cli/output/terminal.ts";
import { NatsServer } from "../tests/harness/nats_server.ts";
import { demoEvents } from "./demo_events.ts";

/** Pause between two rounds of the demo's events, in milliseconds. */
const ROUND_MS = 5_000;

const DATABASE = ".cache/dev.db";

const terminal = processTerminal((name) => Deno.env.get(name));

Deno.chdir(new URL("..", import.meta.url));
Deno.mkdirSync(".cache", { recursive: true });

await using server = await NatsServer.start();
terminal.err(`nats-server at ${server.url}, database ${DATABASE}; Ctrl-C ends it`);

const worker = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "-A", "--watch", "main.ts", "run"],
    ...["--nats-url", server.url, "--db", DATABASE, "--rules", "rules", "--log-level", "info"],
  ],
  stdin: "null",
}).spawn();

const bus = new NatsBus({ servers: server.url });
const listening = bus.subscribe("ttp.tagged");
void (async () => {
  for await (const message of listening) {
    terminal.err(`ttp.tagged ${new TextDecoder().decode(message.data).slice(0, 300)}`);
  }
})();

// Rounds of different runs must differ too: the database stays.
let round = Math.floor(Date.now() / 1000);
const publishing = setInterval(() => {
  bus.publish(demoEvents(round++)).catch((error) => terminal.err(`not published: ${error}`));
}, ROUND_MS);

const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>();
Deno.addSignalListener("SIGINT", interrupt);
Deno.addSignalListener("SIGTERM", interrupt);
await Promise.race([interrupted, worker.status]);
clearInterval(publishing);
await bus.close();
try {
  worker.kill("SIGTERM");
} catch {
  // It has ended by itself.
}
await worker.status;
