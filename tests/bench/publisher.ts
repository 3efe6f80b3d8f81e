/**
 * The publisher of the macro benchmark, a process of its own: publishes sessions
 * or events without a match, and has at most a window of them unhandled. Told on
 * standard input how many are handled; arguments: URL, mix, count, first number,
 * and the window.
 */
import { connect } from "nats/transport";
import { attackCommands } from "./attack_commands.ts";

/** Published between two looks at what is handled. */
const CHUNK = 250;

/**
 * Different sessions: of a storm, in which every bot types one of a few scripts, half
 * of it commands that say nothing (some 2.5 tags a session); and otherwise so many
 * that the worker remembers none of their commands, each of which is an attack (5).
 */
const VARIETY: Readonly<Record<string, number>> = { storm: 250, sessions: 20_000 };

const [url = "", mix = "", ...numbers] = Deno.args;
const [count = 0, first = 0, window = 0] = numbers.map(Number);
const variety = VARIETY[mix] ?? 1;
const quiet = mix === "no_match";
const encoder = new TextEncoder();
const attacks = attackCommands(variety * 4, { seed: 15 });
const plain = attackCommands(variety * 4, { seed: 16, quiet: true });
const commands = attacks.map((command, index) =>
  mix === "storm" && index % 2 === 1 ? plain[index]! : command
);
const connection = await connect({ servers: url });

let handled = 0;
let told = Promise.withResolvers<void>();
void follow();

for (let sent = 0; sent < count;) {
  while (sent - handled >= window) await told.promise;
  const end = Math.min(count, sent + CHUNK);
  for (; sent < end; sent++) {
    const number = first + sent;
    if (quiet) connection.publish("attacker.observed", quietEvent(number));
    else connection.publish("attacker.session.ended", session(number));
  }
  await connection.flush();
}
await connection.drain();
Deno.exit(0);

async function follow(): Promise<void> {
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    handled = Number(text.trim().split("\n").at(-1));
    told.resolve();
    told = Promise.withResolvers<void>();
  }
}

function session(number: number): Uint8Array {
  const from = number % variety * 4;
  return envelope("session.ended", {
    session_id: `bench-${number}`,
    attacker_uuid: attacker(number),
    decky_id: "bench-decky",
    service: "ssh",
    commands: commands.slice(from, from + 4),
  });
}

function quietEvent(number: number): Uint8Array {
  return envelope("observed", { attacker_uuid: attacker(number), service: "ssh" });
}

function envelope(type: string, payload: Readonly<Record<string, unknown>>): Uint8Array {
  return encoder.encode(JSON.stringify({ v: 1, type, payload }));
}

function attacker(number: number): string {
  return `00000000-0000-4000-8000-${(number % 5_000).toString().padStart(12, "0")}`;
}
