import { join } from "node:path";
import type { Command } from "commander";
import { decodeEnvelope, type Envelope } from "../../bus/envelope.ts";
import { ANNOUNCED_PREFIX } from "../../bus/subjects.ts";
import type { DeadLetter } from "../../store/queues/dead_letters.ts";
import type { Store } from "../../store/store.ts";
import { anchorClaim } from "../../worker/pipeline/anchor.ts";
import { MAX_ATTEMPTS } from "../../worker/pipeline/lone_deliveries.ts";
import { keyOf } from "../../worker/pipeline/parked_events.ts";
import type { Context } from "../context.ts";
import {
  addDatabaseOption,
  type DatabaseOptions,
  openForReading,
  openForWriting,
} from "../database.ts";
import { jsonLine, printable } from "../../text/terminal.ts";
import { EXIT, Exit } from "../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { countText } from "../output/quantity.ts";
import { parseDuration } from "../settings/kinds.ts";
import { SettingsError } from "../settings/settings.ts";
import { tableLines } from "../output/table.ts";

interface OutputOptions extends DatabaseOptions {
  readonly json?: boolean;
}

interface ListOptions extends OutputOptions {
  readonly limit: string;
}

interface SelectOptions extends OutputOptions {
  readonly all?: boolean;
  readonly olderThan?: string;
}

const FILE_GONE = "its file has gone; those that came later needed the room";

/** Letters that are looked at together. */
const PAGE = 500;

/** Registers `deadletters list`, `show`, `retry` and `purge`. */
export function registerDeadLetters(program: Command, context: Context): void {
  const group = program.command("deadletters")
    .helpGroup(COMMAND_GROUPS.data)
    .description("messages that could not be worked off: look at them, try again, remove them");

  const list = group.command("list")
    .description("what was given up, newest first")
    .option("--limit <count>", "at most so many", "50")
    .option("--json", "print one JSON object a message")
    .action((options: ListOptions) => listLetters(options, context));
  const show = group.command("show")
    .description("one of them as it came, cut to 4 KiB; `file` has the whole of what was set aside")
    .argument("<id>", "number of the message")
    .option("--json", "print one JSON object")
    .action((id: string, options: OutputOptions) => showLetter(id, options, context));
  const retry = group.command("retry")
    .description("hand messages to the worker again; it tries them at its next poll tick")
    .argument("[ids...]", "numbers of the messages")
    .option("--all", "all of them")
    .option("--json", "print one JSON object a message: its number, and why it stays if it does")
    .action((ids: string[], options: SelectOptions) => retryLetters(ids, options, context));
  const purge = group.command("purge")
    .description("remove messages for good")
    .argument("[ids...]", "numbers of the messages")
    .option("--all", "all of them")
    .option("--older-than <time>", "those given up before that long ago, e.g. 7d")
    .option("--json", "print one JSON object")
    .action((ids: string[], options: SelectOptions) => purgeLetters(ids, options, context));
  for (const command of [list, show, retry, purge]) addDatabaseOption(command);
  addExamples(list, [["decnet-ttp deadletters list --limit 10", "the last ten"]]);
  addExamples(show, [["decnet-ttp deadletters show 42 --json", "all of one, for a script"]]);
  addExamples(retry, [["decnet-ttp deadletters retry --all", "after an upgrade mended a defect"]]);
  addExamples(purge, [["decnet-ttp deadletters purge --older-than 30d", "tidy up"]]);
}

function listLetters(options: ListOptions, context: Context): void {
  const { terminal } = context;
  if (!/^[1-9]\d{0,5}$/.test(options.limit)) {
    throw new SettingsError("--limit: expected a whole number from 1");
  }
  using store = openForReading(options, context);
  const letters = store.deadLetters.list(Number(options.limit));
  if (options.json === true) {
    for (const letter of letters) terminal.out(jsonLine(letter));
    return;
  }
  if (letters.length === 0) return terminal.out("there are no dead letters");
  const columns = [
    { title: "ID", align: "right" },
    { title: "WHEN" },
    { title: "SUBJECT", min: 12 },
    { title: "REASON", min: 12 },
    { title: "MESSAGE", min: 8 },
  ] as const;
  const rows = letters.map(({ id, at, topic, reason, excerpt }) => [
    String(id),
    at,
    printable(topic, 100),
    printable(reason, 200),
    printable(excerpt, 200),
  ]);
  for (const line of tableLines(terminal, columns, rows)) terminal.out(line);
}

function showLetter(id: string, options: OutputOptions, context: Context): void {
  const { terminal } = context;
  using store = openForReading(options, context);
  const letter = letterOf(store, numberOf(id));
  if (options.json === true) return terminal.out(jsonLine(letter));
  terminal.out(`id:      ${letter.id}`);
  terminal.out(`when:    ${letter.at}`);
  terminal.out(`subject: ${printable(letter.topic)}`);
  terminal.out(`reason:  ${printable(letter.reason)}`);
  if (letter.file !== undefined) {
    terminal.out(`file:    ${printable(join(store.deadLetterFiles.directory, letter.file))}`);
  }
  const body = bodyOf(store, letter);
  const reason = body === undefined ? FILE_GONE : whyNot(letter, body);
  terminal.out(`retry:   ${reason ?? "possible"}`);
  terminal.out();
  for (const line of letter.excerpt.split("\n")) terminal.out(printable(line));
}

/** Says of each message that cannot be tried again why, and tries the others. */
function retryLetters(ids: readonly string[], options: SelectOptions, context: Context): void {
  const { terminal } = context;
  demandSelection(ids, options);
  using store = openForWriting(options, context);
  let retried = 0;
  let refused = 0;
  for (const letter of selected(store, ids, options)) {
    const body = bodyOf(store, letter);
    const reason = body === undefined ? FILE_GONE : whyNot(letter, body) ??
      (tryAgain(store, letter, body) ? undefined : "somebody else has taken it");
    if (reason === undefined) retried++;
    else refused++;
    if (options.json === true) {
      const { id } = letter;
      terminal.out(jsonLine({ id, retried: reason === undefined, reason }));
    } else if (reason !== undefined) {
      terminal.err(`${letter.id} stays: ${reason}`);
    }
  }
  if (options.json !== true) {
    terminal.out(`${countText(retried, "message")} handed to the worker`);
  }
  if (refused > 0) throw new Exit(EXIT.no);
}

function purgeLetters(ids: readonly string[], options: SelectOptions, context: Context): void {
  demandSelection(ids, options);
  using store = openForWriting(options, context);
  const { deadLetters } = store;
  const files = deadLetters.files();
  let removed = 0;
  if (options.olderThan !== undefined) {
    const olderThan = new Date(Date.now() - durationOf(options.olderThan));
    removed = deadLetters.prune({ maxRows: Number.MAX_SAFE_INTEGER, olderThan });
  } else if (options.all === true) {
    removed = deadLetters.prune({ maxRows: 0 });
  } else {
    removed = deadLetters.remove(ids.map((id) => letterOf(store, numberOf(id)).id));
  }
  const named = deadLetters.files();
  for (const file of files) if (!named.has(file)) store.deadLetterFiles.remove(file);
  context.terminal.out(
    options.json === true ? jsonLine({ removed }) : `${countText(removed, "message")} removed`,
  );
}

/** The message, whole where it was set aside, else as far as it was kept; nothing when its file has gone. */
function bodyOf({ deadLetterFiles }: Store, { file, excerpt }: DeadLetter): Uint8Array | undefined {
  return file === undefined ? new TextEncoder().encode(excerpt) : deadLetterFiles.read(file);
}

/** An event is processed again, an announcement sent again; false when it is gone already. */
function tryAgain(store: Store, letter: DeadLetter, body: Uint8Array): boolean {
  const { deadLetters, deliveryAttempts } = store;
  const now = new Date();
  const decoded = decodeEnvelope(body);
  if (isAnnouncement(letter)) {
    const { id = crypto.randomUUID() } = decoded.ok ? decoded.envelope : {};
    return deadLetters.resend(letter.id, id, now);
  }
  const ip = decoded.ok ? waitsFor(decoded.envelope) : "";
  if (letter.file === undefined) return deadLetters.retry(letter.id, ip, now) !== undefined;
  return store.transaction(() => {
    const id = deadLetters.retry(letter.id, ip, now, new TextDecoder().decode(body));
    if (id === undefined) return false;
    // It has one attempt: if that ends the worker too, it is set aside again.
    for (let i = 1; i < MAX_ATTEMPTS; i++) deliveryAttempts.begin(keyOf({ id }), now);
    return true;
  });
}

function isAnnouncement({ topic }: DeadLetter): boolean {
  return topic.startsWith(ANNOUNCED_PREFIX);
}

/** Why a message cannot be processed this time either; nothing when it may. */
function whyNot(letter: DeadLetter, body: Uint8Array): string | undefined {
  const decoded = decodeEnvelope(body);
  if (!decoded.ok) {
    return decoded.reason === "not_json"
      ? "it is not JSON, or was longer than the 4 KiB that are kept"
      : decoded.reason === "not_an_object"
      ? "it is no JSON object"
      : "it has too many values";
  }
  return !isAnnouncement(letter) && anchorClaim(decoded.envelope.payload) === undefined
    ? "it names neither an attacker nor an address"
    : undefined;
}

/** The address that a message waits for; empty when it names its attacker. */
function waitsFor({ payload }: Envelope): string {
  const claim = anchorClaim(payload);
  return claim?.known === false ? claim.ip : "";
}

function* selected(
  store: Store,
  ids: readonly string[],
  { all }: SelectOptions,
): Generator<DeadLetter, void> {
  if (all !== true) {
    yield* ids.map((id) => letterOf(store, numberOf(id)));
    return;
  }
  for (let page = store.deadLetters.list(PAGE); page.length > 0;) {
    yield* page;
    page = store.deadLetters.list(PAGE, page.at(-1)?.id);
  }
}

function letterOf(store: Store, id: number): DeadLetter {
  const letter = store.deadLetters.get(id);
  if (letter === undefined) throw new Exit(EXIT.no, `there is no dead letter ${id}`);
  return letter;
}

function numberOf(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new SettingsError(`"${id}" is no number of a dead letter`);
  return Number(id);
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new SettingsError(`--older-than: ${error.message}`);
  }
}

/** All of them by accident is too much. */
function demandSelection(ids: readonly string[], { all, olderThan }: SelectOptions): void {
  const ways = [ids.length > 0, all === true, olderThan !== undefined];
  const given = ways.filter(Boolean).length;
  if (given === 1) return;
  throw new Exit(
    EXIT.usage,
    given === 0 ? "which messages? Give their numbers, or --all" : "say in one way which messages",
  );
}
