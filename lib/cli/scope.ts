import type { Command } from "commander";
import type { Dimension } from "../store/queries/top_by_count.ts";
import type { TagFilter } from "../store/queries/tag_filter.ts";
import type { Store } from "../store/store.ts";
import { addFilterOptions, type FilterOptions } from "./filter.ts";
import { subjectOf } from "./commands/query/subject.ts";
import { SettingsError } from "./settings/settings.ts";

/** Options that say which tags are meant, and whose. */
export interface ScopeOptions extends FilterOptions {
  readonly attacker?: string;
  readonly identity?: string;
  readonly session?: string;
  readonly decky?: string;
}

/** Tags, and which ones in words. */
export interface Scope {
  readonly filter: TagFilter;
  readonly scope: string;
}

const DIMENSIONS: readonly Dimension[] = ["attacker", "identity", "session", "decky"];

/** Adds the options of `ScopeOptions` to a command. */
export function addScopeOptions(command: Command): Command {
  command
    .option("--attacker <name>", "only of one attacker, by uuid or address")
    .option("--identity <uuid>", "only of one identity")
    .option("--session <id>", "only of one session")
    .option("--decky <id>", "only of one decky");
  return addFilterOptions(command);
}

/**
 * Which tags are meant, and the same in words. The words do not hold the moment,
 * so that two exports of `--since 7d` are versions of one thing.
 *
 * @param times what `filterOf` makes of the options
 * @throws {SettingsError} when the options name several
 */
export function scopeOf(options: ScopeOptions, times: TagFilter, store: Store): Scope {
  const named = DIMENSIONS.filter((dimension) => options[dimension] !== undefined);
  if (named.length > 1) {
    throw new SettingsError(`--${named[0]} and --${named[1]} cannot be given together`);
  }
  const [dimension] = named;
  const { since, until, labelledSince, minConfidence, tactic } = options;
  const limits = {
    since,
    until,
    "labelled-since": labelledSince,
    "min-confidence": minConfidence,
    tactic,
  };
  const words = Object.entries(limits)
    .flatMap(([name, value]) => value === undefined ? [] : [`${name} ${value}`]);
  if (dimension === undefined) {
    return { filter: times, scope: ["everything", ...words].join(", ") };
  }
  const { id, filter } = subjectOf(store, dimension, options[dimension] ?? "");
  return { filter: { ...times, ...filter }, scope: [`${dimension} ${id}`, ...words].join(", ") };
}
