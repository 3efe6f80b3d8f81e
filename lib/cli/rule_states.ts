import type { RuleState } from "../rules/state.ts";
import { Store } from "../store/store.ts";
import type { Context } from "./context.ts";
import { defaultDatabase } from "./database_path.ts";

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

/**
 * States that operators set; none without a database.
 *
 * @throws {StoreError} when the file cannot be used
 */
export function storedStates(
  option: string | undefined,
  context: Context,
): ReadonlyMap<string, RuleState> {
  using store = openExisting(option, context);
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
