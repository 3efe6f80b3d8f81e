import { getLogger } from "@logtape/logtape";
import { BusSettingsError, parseTarget } from "../../bus/nats/settings.ts";
import { formatProblem } from "../../rules/format/problem.ts";
import { natsSettings } from "./bus.ts";
import type { Context } from "../context.ts";
import { httpOptions } from "./http.ts";
import { namesOf } from "./jetstream.ts";
import { resolveSettings, SettingsError, type SettingValues } from "./settings.ts";
import { FILE_SETTINGS, fileKey, SettingsFileError } from "./file.ts";

/** Values of everything that a worker goes by. */
export type LiveValues = SettingValues<typeof FILE_SETTINGS>;

const log = getLogger(["ttp", "settings"]);

/** What a worker can begin to do in another way while it works; the rest is what it is made of. */
const LIVE: ReadonlySet<keyof LiveValues> = new Set([
  "artifacts",
  "announceLimit",
  "eventChildren",
  "eventTags",
  "pollInterval",
  "maxLag",
  "retainTags",
  "logLevel",
  "logFormat",
]);

/**
 * The settings of a worker while it runs: read once at the start, and again
 * whenever somebody asks for it.
 */
export class LiveSettings {
  readonly #flags: Readonly<Record<string, unknown>>;
  readonly #context: Context;
  /** What the worker was made with, and since then what of it was changed. */
  #values: LiveValues;
  #warnings: readonly string[] = [];

  /**
   * @param flags of the command line; they stay in force whatever a file says
   * @throws {SettingsError} when something cannot be meant
   * @throws {BusSettingsError} when the addresses or names of the bus cannot be meant
   */
  constructor(flags: Readonly<Record<string, unknown>>, context: Context) {
    this.#flags = flags;
    this.#context = context;
    this.#values = this.#proven();
  }

  /** Names of earlier versions that were used, and what to say in their place. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** The settings in force. */
  get values(): LiveValues {
    return this.#values;
  }

  /**
   * Reads the settings again. What has mistakes leaves everything as it is, and
   * is told in the log with its place; so is what asks for a restart.
   *
   * @returns whether something has changed that is in force now
   */
  reload(): boolean {
    let next: LiveValues;
    try {
      this.#context.rereadSettings?.();
      next = this.#proven();
    } catch (error) {
      if (!(error instanceof SettingsError || error instanceof BusSettingsError)) throw error;
      for (const problem of linesOf(error)) {
        log.error("settings rejected, what was in force stays: {problem}", { problem });
      }
      return false;
    }
    const changed = (Object.keys(next) as (keyof LiveValues)[])
      .filter((name) => next[name] !== this.#values[name]);
    const live = changed.filter((name) => LIVE.has(name));
    this.#values = {
      ...this.#values,
      ...Object.fromEntries(live.map((name) => [name, next[name]])),
    };
    tell(live, changed.filter((name) => !LIVE.has(name)));
    return live.length > 0;
  }

  #proven(): LiveValues {
    const { values, warnings } = resolveSettings(FILE_SETTINGS, this.#flags, this.#context);
    this.#warnings = warnings;
    parseTarget(natsSettings(values));
    namesOf(values);
    httpOptions(values);
    return values;
  }
}

/** By the names of a settings file; values may be secrets. */
function tell(live: readonly string[], later: readonly string[]): void {
  const named = (names: readonly string[]): string => names.map(fileKey).join(", ");
  if (live.length > 0) log.info("settings changed: {names}", { names: named(live) });
  if (later.length > 0) log.warn("needs a restart: {names}", { names: named(later) });
  if (live.length + later.length === 0) log.info("settings read again: nothing has changed");
}

function linesOf(error: Error): readonly string[] {
  return error instanceof SettingsFileError ? error.problems.map(formatProblem) : [error.message];
}
