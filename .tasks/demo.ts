/**
 * `deno task demo`: replays invented honeypot events through the whole pipeline,
 * memory bus and SQLite file, and shows the tags as they appear.
 */
import { join } from "node:path";
import { loadEmbeddedAttack } from "../lib/attack/embedded.ts";
import { decodeEnvelope } from "../lib/bus/envelope.ts";
import { MemoryBus } from "../lib/bus/memory.ts";
import { TTP_TAGGED } from "../lib/bus/subjects.ts";
import { printable } from "../lib/text/terminal.ts";
import { cutToWidth } from "../lib/cli/output/table.ts";
import { processTerminal } from "../lib/cli/output/terminal.ts";
import { loadPack } from "../lib/rules/pack.ts";
import { Store } from "../lib/store/store.ts";
import { CompositeTagger } from "../lib/tagging/composite.ts";
import { textsField } from "../lib/tagging/payload.ts";
import { LIFTERS } from "../lib/tagging/registry.ts";
import { RuleBook } from "../lib/worker/rules/rule_book.ts";
import { Worker } from "../lib/worker/worker.ts";
import { demoEvents } from "./demo_events.ts";

const terminal = processTerminal((name) => Deno.env.get(name));
const width = Math.min(terminal.width, 110);
const attack = loadEmbeddedAttack();

const folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-demo-" });
const database = join(folder, "demo.db");
const bus = new MemoryBus();
const store = Store.open(database);
const book = new RuleBook(loadPack(), store);
const tagger = new CompositeTagger({
  attack,
  rules: () => book.rules,
  lifters: LIFTERS,
  now: Date.now,
});
const worker = new Worker({ store, tagger, bus, announcementsPerMinute: 0 });

const events = demoEvents();
terminal.out(terminal.paint("bold", `decnet-ttp demo: ${events.length} honeypot events\n`));
const announcements = bus.subscribe(TTP_TAGGED);
const showing = show();
const working = worker.run();
await bus.publish(events);
worker.stop("the demo is over");
await working;
await announcements.drain();
await showing;
summary();
store.close();
await bus.close();

/** Prints the tags that each announcement names. */
async function show(): Promise<void> {
  for await (const message of announcements) {
    const decoded = decodeEnvelope(message.data);
    if (!decoded.ok) throw new Error(`the announcement is ${decoded.reason}`);
    for (const uuid of textsField(decoded.envelope.payload, "tag_uuids")) showTag(uuid);
  }
}

function showTag(uuid: string): void {
  const tag = store.tags.get(uuid);
  if (tag === undefined) throw new Error(`tag ${uuid} was announced and is not in the database`);
  const id = (tag.subTechniqueId ?? tag.techniqueId).padEnd(9);
  const name = techniqueName(tag.subTechniqueId ?? tag.techniqueId).padEnd(44);
  const { matched } = tag.evidence;
  const why = typeof matched === "string" ? printable(matched) : tag.sourceKind.replace("_", " ");
  const head = `${tag.confidence.toFixed(2)}  ${tag.ruleId}  `;
  const room = width - id.length - 46 - head.length;
  terminal.out(
    `${terminal.paint("cyan", id)} ${cutToWidth(name, 44)} ${head}${
      terminal.paint("dim", cutToWidth(why, Math.max(room, 20)))
    }`,
  );
  terminal.flush();
}

/** How many tags each tactic got, in the order of the matrix. */
function summary(): void {
  const counts = store.tags.countByTactic();
  const most = Math.max(...counts.values());
  const total = store.tags.count();
  terminal.out(`\n${terminal.paint("bold", `${total} tags by tactic`)}`);
  for (const tactic of [...attack.enterprise.tactics, ...attack.ics.tactics]) {
    const count = counts.get(tactic.id);
    if (count === undefined) continue;
    const bar = "█".repeat(Math.max(1, Math.round(count / most * 30)));
    terminal.out(
      `${tactic.id}  ${tactic.name.padEnd(22)} ${String(count).padStart(4)}  ${
        terminal.paint("green", bar)
      }`,
    );
  }
  terminal.out(
    `\n${worker.counters.total("events")} events, ${store.parked.count()} parked, ` +
      `${worker.counters.total("announced")} announcements; the database is ${database}`,
  );
  terminal.flush();
}

function techniqueName(id: string): string {
  return (attack.enterprise.technique(id) ?? attack.ics.technique(id))?.name ?? "";
}
