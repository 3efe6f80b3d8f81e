import type { Command } from "commander";
import type { Attacker } from "../../../store/attackers.ts";
import type { Forgotten, Store } from "../../../store/store.ts";
import { attackerAddress } from "../../../tagging/attacker_address.ts";
import { readAttacker } from "./attacker_line.ts";
import type { Context } from "../../context.ts";
import {
  addDatabaseOption,
  type DatabaseOptions,
  openForReading,
  openForWriting,
  openOrUpgrade,
} from "../../database.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, addSection, COMMAND_GROUPS } from "../../help.ts";
import { openInputs } from "../../input.ts";
import { countText } from "../../output/quantity.ts";
import { databasePath } from "../../rule_states.ts";
import { tableLines } from "../../output/table.ts";

interface OutputOptions extends DatabaseOptions {
  readonly json?: boolean;
}

interface ForgetOptions extends OutputOptions {
  readonly dryRun?: boolean;
}

/** Attackers that are written in one transaction, so that a worker need not wait long. */
const CHUNK = 1000;

/** Rows of a table that are laid out together; its widths may change from one part to the next. */
const PAGE = 1000;

/** Registers `attackers list`, `import` and `forget`. */
export function registerAttackers(program: Command, context: Context): void {
  const group = program.command("attackers")
    .helpGroup(COMMAND_GROUPS.data)
    .description("the table of addresses: which one is which attacker");

  const list = group.command("list")
    .description("all attackers that this sensor knows")
    .option("--json", "print one JSON object an attacker, as `attackers import` reads it")
    .action((options: OutputOptions) => listAttackers(options, context));
  addExamples(list, [["decnet-ttp attackers list --json > attackers.jsonl", "for another sensor"]]);

  const take = group.command("import")
    .description("learn attackers, so that their events need not wait")
    .argument("[files...]", "files; - or none is standard input")
    .option("--json", "print one JSON object")
    .action((files: string[], options: OutputOptions) => importAttackers(files, options, context));
  addSection(take, "Lines", [
    '{"uuid": "…", "ip": "192.0.2.1", "identity_uuid": "…"}   the identity may be absent',
    "UUID,ADDRESS[,IDENTITY]                                 the same as CSV",
  ]);
  addExamples(take, [["decnet-ttp attackers import attackers.jsonl", "what another host knows"]]);

  const forget = group.command("forget")
    .description("remove attackers with all their tags and waiting messages, for good")
    .argument("<attackers...>", "uuids or addresses")
    .option("--dry-run", "only say what would go")
    .option("--json", "print one JSON object an attacker: how many rows went, by what they were")
    .action((names: string[], options: ForgetOptions) => forgetAttackers(names, options, context));
  addExamples(forget, [["decnet-ttp attackers forget 192.0.2.1", "after a privacy request"]]);
  for (const command of [list, take, forget]) addDatabaseOption(command);
}

function listAttackers(options: OutputOptions, context: Context): void {
  const { terminal } = context;
  using store = openForReading(options, context);
  if (options.json === true) {
    for (const attacker of store.attackers.list()) terminal.out(jsonLine(attackerJson(attacker)));
    return;
  }
  if (store.attackers.count() === 0) return terminal.out("no attacker is known");
  let page: Attacker[] = [];
  for (const attacker of store.attackers.list()) {
    if (page.push(attacker) < PAGE) continue;
    printAttackers(page, context);
    page = [];
  }
  if (page.length > 0) printAttackers(page, context);
}

function printAttackers(attackers: readonly Attacker[], { terminal }: Context): void {
  const columns = [
    { title: "ADDRESS" },
    { title: "ATTACKER" },
    { title: "IDENTITY", min: 8 },
    { title: "FIRST SEEN", min: 10 },
    { title: "LAST SEEN", min: 10 },
  ];
  const rows = attackers.map(({ uuid, ip, identityUuid, firstSeen, lastSeen }) => [
    printable(ip ?? "?", 50),
    printable(uuid, 50),
    printable(identityUuid ?? "", 50),
    firstSeen ?? "",
    lastSeen ?? "",
  ]);
  for (const line of tableLines(terminal, columns, rows)) terminal.out(line);
}

/** An attacker as `attackers list --json` prints and `attackers import` reads it. */
function attackerJson(attacker: Attacker): Readonly<Record<string, unknown>> {
  const { uuid, ip, identityUuid, firstSeen, lastSeen } = attacker;
  return {
    uuid,
    ...(ip !== undefined && { ip }),
    ...(identityUuid !== undefined && { identity_uuid: identityUuid }),
    ...(firstSeen !== undefined && { first_seen: firstSeen }),
    ...(lastSeen !== undefined && { last_seen: lastSeen }),
  };
}

async function importAttackers(
  files: readonly string[],
  options: OutputOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  using store = openOrUpgrade(databasePath(options.db, context), context, { check: false });
  const now = new Date();
  let learned = 0;
  let refused = 0;
  let chunk: (() => void)[] = [];
  const write = (): void => {
    store.transaction(() => chunk.forEach((learn) => learn()));
    chunk = [];
  };
  for await (const { name, lines } of openInputs(files, "lines", context)) {
    for await (const { text, number } of lines) {
      const read = readAttacker(text);
      if (read === undefined) continue;
      if ("fault" in read) {
        refused++;
        terminal.err(`${printable(name)}:${number}: ${read.fault}`);
        continue;
      }
      learned++;
      chunk.push(() => learnOne(store, read, now));
      if (chunk.length >= CHUNK) write();
    }
  }
  write();
  terminal.out(
    options.json === true
      ? jsonLine({ learned, refused })
      : `${countText(learned, "attacker")} learned`,
  );
  if (refused > 0) throw new Exit(EXIT.no, `${countText(refused, "line")} could not be used`);
}

function learnOne(store: Store, attacker: Attacker, now: Date): void {
  const { uuid, ip, identityUuid, firstSeen, lastSeen } = attacker;
  if (ip === undefined) {
    if (identityUuid !== undefined) store.attackers.setIdentity([uuid], identityUuid);
    return;
  }
  const sighting = { uuid, ip, ...(identityUuid !== undefined && { identityUuid }) };
  const times = [firstSeen, lastSeen].filter((time) => time !== undefined);
  for (const time of times.length === 0 ? [now] : times) {
    store.attackers.learn({ ...sighting, at: new Date(time) });
  }
}

function forgetAttackers(
  names: readonly string[],
  options: ForgetOptions,
  context: Context,
): void {
  const { terminal } = context;
  using store = openForWriting(options, context);
  let unknown = 0;
  for (const name of names) {
    const ip = attackerAddress({ attacker_ip: name });
    const who = ip === undefined ? { uuid: name } : { ip };
    const gone = options.dryRun === true ? rehearse(store, who) : store.forget(who);
    const messages = gone.parked + gone.announcements + gone.deadLetters;
    const isKnown = gone.tags + messages + gone.intel + gone.attackers > 0;
    if (!isKnown) {
      unknown++;
      terminal.err(`nothing is known of ${printable(name)}`);
    }
    if (options.json === true) {
      terminal.out(jsonLine(forgottenJson(name, gone, options)));
    } else if (isKnown) {
      const what = `${countText(gone.tags, "tag")} and ${countText(messages, "waiting message")}`;
      const done = options.dryRun === true ? "would be removed" : "removed";
      terminal.out(`${printable(name)}: ${what} ${done}`);
    }
  }
  store.checkpoint();
  if (unknown > 0) throw new Exit(EXIT.no);
}

function forgottenJson(
  name: string,
  gone: Forgotten,
  { dryRun = false }: ForgetOptions,
): Readonly<Record<string, unknown>> {
  const { tags, parked, announcements, deadLetters, intel, attackers } = gone;
  const rows = { tags, parked, announcements, dead_letters: deadLetters, intel, attackers };
  return { attacker: name, dry_run: dryRun, ...rows };
}

/** Ends a transaction that must not stay. */
class Rehearsal extends Error {}

/** What would go: it goes, is counted, and comes back. */
function rehearse(store: Store, who: Parameters<Store["forget"]>[0]): Forgotten {
  let gone: Forgotten | undefined;
  try {
    store.transaction(() => {
      gone = store.forget(who);
      throw new Rehearsal();
    });
  } catch (error) {
    if (!(error instanceof Rehearsal)) throw error;
  }
  return gone!;
}
