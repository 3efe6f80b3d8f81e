import type { RuleState } from "../rules/state.ts";
import { ruleSummaries } from "../store/queries/summaries.ts";
import { Store } from "../store/store.ts";
import type { SuppressedSum } from "../store/rules/suppressed.ts";
import type { Context } from "./context.ts";
import { defaultDatabase } from "./settings/database_path.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The database of an option, of `DECNET_TTP_DB`, or where a worker of this host has it. */
export function databasePath(option: string | undefined, context: Context): string {
  return option || context.env("DECNET_TTP_DB") || defaultDatabase();
}

/**
 * Opens a database to look into it; nothing when the file is not there yet,
 * because looking must not create one.
 *
 * @throws {StoreError} when the file cannot be used
 */
export function openExisting(option: string | undefined, context: Context): Store | undefined {
  const path = databasePath(option, context);
  return fileExists(path) ? Store.open(path) : undefined;
}

/** How often a rule was held back, by reason. */
export type SuppressedCounts = Readonly<Record<string, number>>;

/** What the database of a host says about its rules. */
export interface RuleActivity {
  /** States that operators set, by rule id. */
  readonly states: ReadonlyMap<string, RuleState>;
  /** Tags of the last 24 hours by rule id. */
  readonly hits: ReadonlyMap<string, number>;
  /** What was held back in the last 24 hours, by rule id: how often for each reason. */
  readonly suppressed: ReadonlyMap<string, SuppressedCounts>;
}

/**
 * States and hits of rules; none without a database.
 *
 * @throws {StoreError} when the file cannot be used
 */
export function ruleActivity(
  option: string | undefined,
  context: Context,
  now: number,
): RuleActivity {
  using store = openExisting(option, context);
  if (store === undefined) return { states: new Map(), hits: new Map(), suppressed: new Map() };
  const since = new Date(now - DAY_MS);
  const sums = ruleSummaries(store, { since });
  return {
    states: store.ruleStates.all(),
    hits: new Map(sums.map(({ ruleId, tags }) => [ruleId, tags])),
    suppressed: byRule(store.suppressed.since(since)),
  };
}

function byRule(sums: readonly SuppressedSum[]): ReadonlyMap<string, SuppressedCounts> {
  const counts = new Map<string, SuppressedCounts>();
  for (const { ruleId, reason, count } of sums) {
    counts.set(ruleId, { ...counts.get(ruleId), [reason]: count });
  }
  return counts;
}

/**
 * States that operators set, of a database that is named by the option or by
 * `DECNET_TTP_DB`: what a command says about a text must not depend on what lies
 * about on its host.
 *
 * @throws {StoreError} when the file cannot be used
 */
export function storedStates(
  option: string | undefined,
  context: Context,
): ReadonlyMap<string, RuleState> {
  const named = option || context.env("DECNET_TTP_DB");
  if (!named) return new Map();
  using store = openExisting(named, context);
  return store?.ruleStates.all() ?? new Map();
}

function fileExists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
