import { type Command, Option } from "commander";

/** A setting, its flag or its environment variable cannot be meant as it stands. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** What a setting was called in an earlier version; accepted until 1.0, with a warning. */
export interface FormerName {
  /** Its name in a table, from which its key in a settings file is made. */
  readonly name: string;
  readonly flag?: string;
  readonly env: string;
  /**
   * What a value meant, as the setting takes it; the same text when absent.
   *
   * @throws {SettingsError} saying what was expected
   */
  readonly convert?: (text: string) => string;
  /** What to say now. */
  readonly successor: string;
}

/** One setting of a command. */
export interface Setting<T> {
  /** Flag as commander takes it, e.g. `--nats-url <url>`; absent for what must not stand in a process list. */
  readonly flag?: string;
  /** Environment variable. */
  readonly env?: string;
  readonly description: string;
  readonly formerly?: readonly FormerName[];
  /** All values, where there are few. */
  readonly choices?: readonly string[];
  /** Whether its value must never be shown. */
  readonly secret?: boolean;
  /** Whether a value has a secret in it, as an address with a login has. */
  readonly hasSecret?: (text: string) => boolean;
  /** Value when nobody says anything. */
  readonly fallback: T;
  /** The same as somebody would write it, where that is not its text. */
  readonly shownFallback?: string;
  /**
   * Reads a value.
   *
   * @throws {SettingsError} saying what was expected
   */
  readonly parse: (text: string) => T;
}

/** A command's settings by the name under which it uses them. */
export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

/** The values of a table. */
export type SettingValues<S extends SettingTable> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Where a value came from. */
export type SettingOrigin = "flag" | "environment" | "file" | "default";

/** What speaks where the command line is silent; a command's `Context` is one. */
export interface SettingSource {
  /** One environment variable, or what a settings file says in its place. */
  env(name: string): string | undefined;
  /** Where a settings file says it, when the value of a variable is from there. */
  settingPlace?(name: string): string | undefined;
}

/** Values of a table with their origin. */
export interface ResolvedSettings<S extends SettingTable> {
  readonly values: SettingValues<S>;
  readonly origins: Readonly<Record<keyof S, SettingOrigin>>;
  /** Flag, variable or `FILE:LINE` that says it; nothing for a default. */
  readonly places: Readonly<Record<keyof S, string | undefined>>;
  /** Names of earlier versions that were used, and what to say in their place. */
  readonly warnings: readonly string[];
}

/** Adds the flags of settings to a command. */
export function addSettings(command: Command, settings: SettingTable): Command {
  for (const setting of Object.values(settings)) {
    const { flag, env, description, choices, formerly = [] } = setting;
    for (const { flag: former } of formerly) {
      if (former !== undefined) command.addOption(new Option(former).hideHelp());
    }
    if (flag === undefined) continue;
    const shown = shownDefault(setting);
    const notes = [
      ...(env === undefined ? [] : [`env: ${env}`]),
      ...(shown === undefined ? [] : [`default: ${shown}`]),
    ];
    const note = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
    const option = new Option(flag, `${description}${note}`);
    command.addOption(choices === undefined ? option : option.choices(choices));
  }
  return command;
}

/**
 * Finds the value of each setting: flag, then environment, then settings file,
 * then default.
 *
 * @param flags what stood on the command line, by commander's names
 * @throws {SettingsError} when a value cannot be meant, naming where it stands
 */
export function resolveSettings<S extends SettingTable>(
  settings: S,
  flags: Readonly<Record<string, unknown>>,
  source: SettingSource,
): ResolvedSettings<S> {
  const values: Record<string, unknown> = {};
  const origins: Record<string, SettingOrigin> = {};
  const places: Record<string, string | undefined> = {};
  const warnings: string[] = [];
  for (const [name, setting] of Object.entries(settings)) {
    const all = allSaid(setting, flags, source);
    for (const { place, former } of all) {
      if (former === undefined) continue;
      warnings.push(
        `${place}: the name \`${former.name}\` of 0.1.0 is accepted until 1.0; ${former.successor}`,
      );
    }
    const [said] = all;
    values[name] = said === undefined ? setting.fallback : read(setting, said);
    origins[name] = said?.origin ?? "default";
    places[name] = said?.place;
  }
  return { values, origins, places, warnings } as ResolvedSettings<S>;
}

interface Said {
  readonly value: unknown;
  readonly origin: SettingOrigin;
  readonly place: string;
  readonly former?: FormerName;
}

/** From the strongest origin to the weakest; in each, the name of today comes first. */
function allSaid(
  setting: Setting<unknown>,
  flags: Readonly<Record<string, unknown>>,
  source: SettingSource,
): readonly Said[] {
  const names = [
    { setting, former: undefined },
    ...(setting.formerly ?? []).map((former) => ({
      setting: former,
      former,
    })),
  ];
  const said = names.flatMap(({ setting, former }) => {
    const found = [byFlag(setting.flag, flags), byVariable(setting.env, source)];
    return found.flatMap((said) =>
      said === undefined ? [] : former === undefined ? [said] : [{ ...said, former }]
    );
  });
  const order: readonly SettingOrigin[] = ["flag", "environment", "file"];
  return order.flatMap((origin) => said.filter((one) => one.origin === origin));
}

function byFlag(
  flag: string | undefined,
  flags: Readonly<Record<string, unknown>>,
): Said | undefined {
  if (flag === undefined) return undefined;
  const option = new Option(flag);
  const value = flags[option.attributeName()];
  // Commander gives `--no-x` the value true when it is not there.
  const given = option.negate ? value === false : value !== undefined;
  return given ? { value, origin: "flag", place: option.long ?? flag } : undefined;
}

function byVariable(variable: string | undefined, source: SettingSource): Said | undefined {
  if (variable === undefined) return undefined;
  const value = source.env(variable);
  if (value === undefined || value === "") return undefined;
  const place = source.settingPlace?.(variable);
  return place === undefined
    ? { value, origin: "environment", place: variable }
    : { value, origin: "file", place };
}

function read(setting: Setting<unknown>, { value, origin, place, former }: Said): unknown {
  if (origin === "flag" && setting.hasSecret?.(String(value)) === true) {
    throw new SettingsError(
      `${place}: there is a secret in its value, and everybody on this host can read flags; ` +
        `set ${former?.env ?? setting.env} in the environment`,
    );
  }
  try {
    return setting.parse(former?.convert?.(String(value)) ?? String(value));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const shown = setting.secret === true ? "its value" : JSON.stringify(String(value));
    throw new SettingsError(`${place}: ${shown} cannot be used; ${error.message}`);
  }
}

function shownDefault({ fallback, shownFallback }: Setting<unknown>): string | undefined {
  if (shownFallback !== undefined) return shownFallback;
  return typeof fallback === "string" || typeof fallback === "number"
    ? String(fallback)
    : undefined;
}
