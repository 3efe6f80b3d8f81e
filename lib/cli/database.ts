import type { Command } from "commander";
import { Store } from "../store/store.ts";
import type { Context } from "./context.ts";
import type { StoreOptions } from "../store/sqlite/open.ts";
import { databasePath } from "./rule_states.ts";
import { upgradeProgress } from "./upgrade_progress.ts";

/** Options of every command that works on the database alone. */
export interface DatabaseOptions {
  readonly db?: string;
}

/** Adds the options of `DatabaseOptions` to a command. */
export function addDatabaseOption(command: Command): Command {
  return command.option("--db <file>", "database of the worker (env: DECNET_TTP_DB)");
}

/**
 * Opens the database to look into it. It may be in use, and nothing in it is
 * changed, not even its schema: a worker of an older version may be at work.
 *
 * @throws {StoreError} when there is none or it cannot be used
 */
export function openForReading({ db }: DatabaseOptions, context: Context): Store {
  return Store.open(databasePath(db, context), { access: "read_only", check: false });
}

/**
 * Opens a database to write into it, and shows how far an older one is brought up to date.
 *
 * @throws {StoreError} when it cannot be used
 */
export function openOrUpgrade(
  path: string,
  { terminal }: Pick<Context, "terminal">,
  options: StoreOptions = {},
): Store {
  return Store.open(path, { ...options, onUpgrade: upgradeProgress(terminal, path) });
}

/**
 * Opens the database to change something in it; one that is not there is not made.
 *
 * @throws {StoreError} when there is none or it cannot be used
 */
export function openForWriting({ db }: DatabaseOptions, context: Context): Store {
  return openOrUpgrade(databasePath(db, context), context, { access: "existing", check: false });
}
