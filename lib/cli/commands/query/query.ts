import type { Command } from "commander";
import { sessionStory } from "../../../store/queries/session_story.ts";
import { printStory, storyJson } from "./story.ts";
import { type NameCount, topByCount } from "../../../store/queries/top_by_count.ts";
import type { Dimension } from "../../../store/queries/top_by_count.ts";
import { techniqueSummaries } from "../../../store/queries/summaries.ts";
import { listTags } from "../../../store/queries/tag_list.ts";
import type { TagFilter } from "../../../store/queries/tag_filter.ts";
import { addAttackOptions, attackInForce, type AttackOptions } from "../../attack_source.ts";
import type { Context } from "../../context.ts";
import { addDatabaseOption, type DatabaseOptions, openForReading } from "../../database.ts";
import { printable } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../../help.ts";
import { addFilterOptions, filterOf, type FilterOptions } from "../../filter.ts";
import {
  printJson,
  printTag,
  printTags,
  printTechniques,
  printTop,
  storedTagJson,
  techniqueJson,
  topJson,
} from "./output.ts";
import { subjectOf } from "./subject.ts";
import { SettingsError } from "../../settings/settings.ts";

interface QueryOptions extends DatabaseOptions, FilterOptions, AttackOptions {
  readonly json?: boolean;
}

interface SubjectOptions extends QueryOptions {
  readonly tags?: boolean;
  readonly limit: string;
}

const SUBJECTS: readonly (readonly [Dimension, description: string, argument: string])[] = [
  ["attacker", "one attacker, or those with the most tags", "uuid or address"],
  ["identity", "one identity with its attackers, or those with the most tags", "uuid"],
  ["session", "one session, or those with the most tags", "id of the session"],
  ["decky", "one decky, or those with the most tags", "id of the decky"],
];

/** Registers `query techniques`, `attacker`, `identity`, `session`, `decky` and `tag`. */
export function registerQuery(program: Command, context: Context): void {
  const group = program.command("query")
    .helpGroup(COMMAND_GROUPS.data)
    .description("what was seen: techniques, by whom, where and when");

  const techniques = group.command("techniques")
    .description("techniques that were seen, most tags first")
    .action((options: QueryOptions) => queryTechniques(options, context));
  addExamples(techniques, [
    ["decnet-ttp query techniques --since 7d --min-confidence 0.6", "this week, if fairly sure"],
    ["decnet-ttp query techniques --tactic credential-access --json", "for a script"],
  ]);

  for (const [dimension, description, argument] of SUBJECTS) {
    const command = group.command(dimension)
      .description(description)
      .argument("[id]", argument)
      .option("--tags", "each tag with its evidence instead of sums")
      .option("--limit <count>", "at most so many rows", "100")
      .action((id: string | undefined, options: SubjectOptions) =>
        id === undefined
          ? queryTop(dimension, options, context)
          : querySubject(dimension, id, options, context)
      );
    addExamples(command, [
      [`decnet-ttp query ${dimension} --since 24h`, "who or what had the most of the last day?"],
      [`decnet-ttp query ${dimension} ID --tags`, "everything about one, in order"],
      ...(dimension === "session"
        ? [["decnet-ttp query session ID", "its story: each command, login and request"] as const]
        : []),
    ]);
    addFilterOptions(command);
    common(command);
  }

  const tag = group.command("tag")
    .description("everything about one tag")
    .argument("<uuid>", "uuid of the tag")
    .action((uuid: string, options: QueryOptions) => queryTag(uuid, options, context));
  addExamples(tag, [["decnet-ttp query tag 68fb11d9-e52c-5751-9b99-75877c5465ba", "why?"]]);
  addFilterOptions(techniques);
  for (const command of [techniques, tag]) common(command);
}

function common(command: Command): void {
  addDatabaseOption(command.option("--json", "print one JSON object a line"));
  addAttackOptions(command);
}

async function queryTechniques(options: QueryOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const attack = await attackInForce(options, context);
  const filter = filterOf(options, attack, new Date());
  using store = openForReading(options, context);
  const summaries = techniqueSummaries(store, filter);
  if (options.json === true) {
    return printJson(terminal, summaries.map((summary) => techniqueJson(attack, summary)));
  }
  if (summaries.length === 0) return terminal.out("nothing was seen");
  printTechniques(terminal, attack, summaries);
}

async function queryTop(
  dimension: Dimension,
  options: SubjectOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const limit = limitOf(options);
  if (options.tags === true) throw new SettingsError(`--tags: of which ${dimension}? name it`);
  const filter = filterOf(options, await attackInForce(options, context), new Date());
  using store = openForReading(options, context);
  const { rows } = topByCount(store, dimension, filter, { limit });
  if (options.json === true) return printJson(terminal, topJson(dimension, rows));
  if (rows.length === 0) return terminal.out("nothing was seen");
  printTop(terminal, dimension.toUpperCase(), rows);
}

async function querySubject(
  dimension: Dimension,
  name: string,
  options: SubjectOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const limit = limitOf(options);
  const attack = await attackInForce(options, context);
  const asked = filterOf(options, attack, new Date());
  using store = openForReading(options, context);
  const { facts, filter } = subjectOf(store, dimension, name);
  const wanted: TagFilter = { ...asked, ...filter };
  const showTags = options.tags === true;
  // Rows that nobody lays out are not gathered either: there may be millions of them.
  if (showTags && options.json === true) {
    const tags = listTags(store, wanted, { limit });
    return printJson(terminal, tags.map((tag) => storedTagJson(attack, tag)));
  }
  const summaries = showTags ? [] : techniqueSummaries(store, wanted);
  const tags = showTags ? [...listTags(store, wanted, { limit })] : [];
  if (summaries.length + tags.length === 0 && facts.length < 2) {
    throw new Exit(EXIT.no, `nothing is known of ${dimension} ${printable(name)}`);
  }
  const story = dimension === "session" && !showTags
    ? sessionStory(store, name, asked, limit)
    : undefined;
  const sessions = dimension === "attacker" && !showTags
    ? byTime(topByCount(store, "session", wanted, { limit }).rows)
    : undefined;
  if (options.json === true) {
    const techniques = summaries.map((summary) => techniqueJson(attack, summary));
    const further = {
      ...(story !== undefined && { events: storyJson(attack, story) }),
      ...(sessions !== undefined && { sessions: topJson("session", sessions) }),
    };
    return printJson(terminal, [{ ...factsJson(facts), techniques, ...further }]);
  }
  for (const [fact, value] of facts) {
    const label = `${fact.replaceAll("_", " ")}:`;
    terminal.out(`${terminal.paint("dim", label.padEnd(20))}${printable(value)}`);
  }
  terminal.out();
  if (summaries.length + tags.length === 0) return terminal.out("no tags");
  if (showTags) return printTags(terminal, attack, tags);
  if (story !== undefined) return printStory(terminal, story);
  printTechniques(terminal, attack, summaries);
  if (sessions === undefined || sessions.length === 0) return;
  terminal.out();
  printTop(terminal, "SESSION", sessions);
}

function byTime(sessions: readonly NameCount[]): readonly NameCount[] {
  return sessions.toSorted((a, b) => a.firstSeen < b.firstSeen ? -1 : 1);
}

/** A fact that there can be several of becomes a list. */
function factsJson(facts: readonly (readonly [string, string])[]): Record<string, unknown> {
  const attackers = facts.filter(([name]) => name === "attacker").map(([, value]) => value);
  return {
    ...Object.fromEntries(facts.filter(([name]) => name !== "attacker")),
    ...(attackers.length > 0 && { attackers }),
  };
}

async function queryTag(uuid: string, options: QueryOptions, context: Context): Promise<void> {
  const attack = await attackInForce(options, context);
  using store = openForReading(options, context);
  const tag = store.tags.get(uuid.trim().toLowerCase());
  if (tag === undefined) throw new Exit(EXIT.no, `there is no tag ${printable(uuid)}`);
  if (options.json === true) {
    return printJson(context.terminal, [storedTagJson(attack, tag)]);
  }
  printTag(context.terminal, attack, tag);
}

function limitOf({ limit }: SubjectOptions): number {
  if (/^[1-9]\d{0,8}$/.test(limit)) return Number(limit);
  throw new SettingsError(`--limit: "${limit}" is no whole number from 1`);
}
