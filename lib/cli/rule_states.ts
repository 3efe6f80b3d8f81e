import type { RuleState } from "../rules/state.ts";
import { Store } from "../store/store.ts";
import type { Context } from "./context.ts";
import { EXIT, Exit } from "./exit.ts";

/** The database of an option or of `DECNET_TTP_DB`; undefined when neither is given. */
export function databasePath(option: string | undefined, context: Context): string | undefined {
  const path = option ?? context.env("DECNET_TTP_DB");
  return path === "" ? undefined : path;
}

/**
 * States that operators set; none without a database, or when the file is not
 * there yet: looking at rules must not create one.
 *
 * @throws {StoreError} when the file cannot be used
 */
export function storedStates(
  option: string | undefined,
  context: Context,
): ReadonlyMap<string, RuleState> {
  const path = databasePath(option, context);
  if (path === undefined || !fileExists(path)) return new Map();
  using store = Store.open(path);
  return store.ruleStates.all();
}

/**
 * Opens the database for a command that cannot do without one.
 *
 * @throws {Exit} with code 2 when none is named
 * @throws {StoreError} when the file cannot be used
 */
export function openStore(option: string | undefined, context: Context): Store {
  const path = databasePath(option, context);
  if (path === undefined) {
    throw new Exit(EXIT.usage, "no database is named: give --db FILE or set DECNET_TTP_DB");
  }
  return Store.open(path);
}

function fileExists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
