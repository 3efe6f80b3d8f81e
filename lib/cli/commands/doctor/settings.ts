import { addressText, BusSettingsError, parseTarget } from "../../../bus/nats/settings.ts";
import { formatProblem } from "../../../rules/format/problem.ts";
import { natsSettings } from "../../settings/bus.ts";
import type { Context } from "../../context.ts";
import { type Finding, withRemedy } from "./finding.ts";
import { httpOptions } from "../../settings/http.ts";
import {
  type ResolvedSettings,
  resolveSettings,
  type SettingOrigin,
  SettingsError,
  type SettingTable,
} from "../../settings/settings.ts";
import { FILE_SETTINGS, fileKey, SettingsFileError } from "../../settings/file.ts";

/** Values and origins of everything that a worker would go by. */
export type DoctorSettings = ResolvedSettings<typeof FILE_SETTINGS>;

/** One setting as it may be shown to anybody. */
export interface ShownSetting {
  /** As in a settings file. */
  readonly name: string;
  /** Nothing when it has none; `(hidden)` for a secret. */
  readonly value: string | number | boolean | null;
  readonly origin: SettingOrigin;
  /** Flag, variable or `FILE:LINE` that says it. */
  readonly place: string | null;
}

/**
 * What a worker with the same flags, environment and settings file would go by.
 *
 * @throws {SettingsError} when a value cannot be meant
 */
export function doctorSettings(
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): DoctorSettings {
  return resolveSettings(FILE_SETTINGS, flags, context);
}

/**
 * Every setting, without secrets: a report is pasted into tickets.
 *
 * @throws {BusSettingsError} when the addresses of the bus cannot be meant
 */
export function shownSettings(
  { values, origins, places }: DoctorSettings,
): readonly ShownSetting[] {
  const table: SettingTable = FILE_SETTINGS;
  // An address may carry a password.
  const servers = parseTarget(natsSettings(values)).servers.map(addressText).join(",");
  const shown: Readonly<Record<string, unknown>> = { ...values, natsUrl: servers };
  return Object.entries(table).map(([name, { secret, shownFallback }]) => {
    const said = shown[name] as ShownSetting["value"] | undefined;
    // Lengths of time are the numbers whose default is written in another way.
    const value = typeof said === "number" && shownFallback !== undefined
      ? `${said / 1000}s`
      : said;
    const key = name as keyof typeof FILE_SETTINGS;
    return {
      name: fileKey(name),
      value: value === undefined ? null : secret === true ? "(hidden)" : value,
      origin: origins[key],
      place: places[key] ?? null,
    };
  });
}

/** Names of earlier versions that are still accepted. */
export function formerNameFindings({ warnings }: DoctorSettings): readonly Finding[] {
  const common = { area: "settings", what: "former name", verdict: "warning" } as const;
  return warnings.map((warning) => ({ ...common, ...withRemedy(warning) }));
}

/** What is wrong with settings that cannot be meant; nothing when the failure is another one. */
export function settingsFindings(error: unknown): readonly Finding[] | undefined {
  if (!(error instanceof SettingsError || error instanceof BusSettingsError)) return undefined;
  const common = { area: "settings", what: "not usable", verdict: "problem" } as const;
  const told = error instanceof SettingsFileError
    ? error.problems.map(formatProblem)
    : [error.message];
  return told.map((message) => ({ ...common, ...withRemedy(message) }));
}

/** Whether `run` would tell over HTTP what it is told to; nothing when it is not. */
export function httpFindings({ values }: DoctorSettings): readonly Finding[] {
  const common = { area: "HTTP", what: "endpoint" } as const;
  try {
    const options = httpOptions(values);
    if (options === undefined) return [];
    const detail = options.token === undefined ? "for this host alone" : "for who says the token";
    return [{ ...common, verdict: "ok", detail }];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [{ ...common, verdict: "problem", ...withRemedy(error.message) }];
  }
}
