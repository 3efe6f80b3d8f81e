import type { Command } from "commander";
import { setTimeout as wait } from "node:timers/promises";
import type { Attack } from "../../attack/matrix.ts";
import { fileIdentity } from "../../store/sqlite/file_stat.ts";
import { NewTags } from "../../store/queries/new_tags.ts";
import type { TagFilter } from "../../store/queries/tag_filter.ts";
import type { Store } from "../../store/store.ts";
import type { StoredTag } from "../../store/tags/tag_row.ts";
import { namesOf } from "../output/attack_names.ts";
import { addAttackOptions, attackInForce, type AttackOptions } from "../attack_source.ts";
import type { Context } from "../context.ts";
import { addDatabaseOption, type DatabaseOptions, openForReading } from "../database.ts";
import { printable } from "../../text/terminal.ts";
import { EXIT, Exit } from "../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { confidenceOf, tacticOf } from "../filter.ts";
import { evidenceText, printJson, storedTagJson, timeText } from "./query/output.ts";
import { subjectOf } from "./query/subject.ts";
import { SettingsError } from "../settings/settings.ts";
import { onStopSignals } from "../signals.ts";
import { cutToWidth } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";

/** Between two looks at the database, in milliseconds. */
const LOOK_EVERY_MS = 200;

/** Room of the columns whose length varies. */
const NAME_WIDTH = 34;
const WHO_WIDTH = 15;

interface TailOptions extends DatabaseOptions, AttackOptions {
  readonly json?: boolean;
  readonly lines: string;
  readonly tactic?: string;
  readonly technique?: string;
  readonly rule?: string;
  readonly attacker?: string;
  readonly decky?: string;
  readonly minConfidence?: string;
}

/** Registers `tail`. */
export function registerTail(program: Command, context: Context): void {
  const command = program.command("tail")
    .helpGroup(COMMAND_GROUPS.data)
    .description("show tags as the worker writes them, until Ctrl-C")
    .option("-n, --lines <count>", "begin with so many of the last tags", "10")
    .option("--technique <id>", "only this technique; without a dot with its sub-techniques")
    .option("--tactic <tactic>", "only this tactic: an id, a short name or a name")
    .option("--rule <id>", "only tags of this rule")
    .option("--attacker <who>", "only this attacker: uuid or address")
    .option("--decky <id>", "only this decky")
    .option("--min-confidence <number>", "only tags of at least this confidence, from 0 to 1")
    .option("--json", "print one JSON object a line")
    .action((options: TailOptions) => tail(options, context));
  addDatabaseOption(command);
  addAttackOptions(command);
  addExamples(command, [
    ["decnet-ttp tail", "what is happening?"],
    ["decnet-ttp tail --tactic impact --min-confidence 0.8", "only what hurts"],
    ["decnet-ttp tail -n 0 --json | jq .technique_id", "for a script"],
  ]);
}

async function tail(options: TailOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const lines = linesOf(options);
  const attack = await attackInForce(options, context);
  using store = openForReading(options, context);
  const tags = new NewTags(store, filterOf(options, attack, store));
  const show = (some: readonly StoredTag[]): void => {
    if (options.json === true) printJson(terminal, some.map((tag) => storedTagJson(attack, tag)));
    else for (const tag of some) showTag(terminal, attack, store, tag);
    terminal.flush();
  };
  const stopping = new AbortController();
  using _stop = onStopSignals((signal) => stopping.abort(signal));
  const { file } = store.database;
  const identity = fileIdentity(file);
  show(tags.before(lines));
  while (!stopping.signal.aborted) {
    const some = tags.next();
    if (some.length > 0) show(some);
    if (fileIdentity(file) !== identity) {
      throw new Exit(
        EXIT.database,
        `database ${file} was moved, removed or replaced; start again for what is there now`,
      );
    }
    // Also gives signals their turn while there is much to show.
    await wait(some.length > 0 ? 0 : LOOK_EVERY_MS, undefined, { signal: stopping.signal })
      .catch(() => {});
  }
  throw new Exit(stopping.signal.reason === "SIGINT" ? EXIT.interrupted : EXIT.terminated);
}

/** Lines stand alone: a table cannot be laid out before its last row is known. */
function showTag(terminal: Terminal, attack: Attack, store: Store, tag: StoredTag): void {
  const column = (text: string, width: number): string => cutToWidth(text, width).padEnd(width);
  const who = tag.attackerUuid === undefined
    ? tag.identityUuid ?? ""
    : store.attackers.byUuid(tag.attackerUuid)?.ip ?? tag.attackerUuid;
  const head = [
    timeText(tag.observedAt),
    terminal.paint("cyan", column(printable(tag.subTechniqueId ?? tag.techniqueId, 20), 9)),
    column(namesOf(attack, tag).technique, NAME_WIDTH),
    tag.confidence.toFixed(2),
    column(printable(tag.ruleId, 64), 5),
    column(printable(who, 64), WHO_WIDTH),
  ];
  const room = terminal.width - (19 + 9 + NAME_WIDTH + 4 + 5 + WHO_WIDTH + head.length * 2);
  terminal.out(`${head.join("  ")}  ${cutToWidth(evidenceText(tag), Math.max(room, 20))}`);
}

/** The tags that options mean. */
function filterOf(options: TailOptions, attack: Attack, store: Store): TagFilter {
  const { technique, rule, attacker, decky } = options;
  const minConfidence = confidenceOf(options.minConfidence);
  const tactic = tacticOf(options.tactic, attack);
  return {
    ...(technique !== undefined && { techniqueId: techniqueOf(technique, attack) }),
    ...(rule !== undefined && { ruleId: rule }),
    ...(attacker !== undefined && subjectOf(store, "attacker", attacker).filter),
    ...(decky !== undefined && { deckyId: decky }),
    ...(minConfidence !== undefined && { minConfidence }),
    ...(tactic !== undefined && { tactic }),
  };
}

/** A technique that does not exist would be waited for in vain. */
function techniqueOf(text: string, { enterprise, ics }: Attack): string {
  const id = text.trim().toUpperCase();
  if ((enterprise.technique(id) ?? ics.technique(id)) !== undefined) return id;
  throw new SettingsError(
    `--technique: there is no technique "${text}"; \`decnet-ttp attack lookup\` knows them`,
  );
}

function linesOf({ lines }: TailOptions): number {
  if (/^\d{1,6}$/.test(lines)) return Number(lines);
  throw new SettingsError(`--lines: "${lines}" is no whole number from 0 to 999999`);
}
