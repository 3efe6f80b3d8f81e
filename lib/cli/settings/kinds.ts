import { nearest } from "../../attack/spelling.ts";
import { type Setting, SettingsError } from "./settings.ts";

type Named<T> = Omit<Setting<T>, "parse" | "fallback"> & { readonly fallback?: T };

/** A setting that is any text but an empty one. */
export function textSetting(named: Named<string>): Setting<string | undefined> {
  return {
    ...named,
    fallback: named.fallback,
    parse: (text) => {
      if (text === "") throw new SettingsError("it is empty");
      return text;
    },
  };
}

/** A setting that is one of a few words. */
export function choiceSetting<const C extends readonly string[]>(
  named: Omit<Setting<C[number]>, "parse"> & { readonly choices: C },
): Setting<C[number]> {
  const { choices } = named;
  return {
    ...named,
    parse: (text) => {
      const choice = choices.find((known) => known === text);
      if (choice !== undefined) return choice;
      const meant = nearest(text, choices);
      const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
      throw new SettingsError(`expected one of ${choices.join(", ")}${hint}`);
    },
  };
}

/** A setting that is a whole number of at least 0. */
export function countSetting(named: Named<number>): Setting<number | undefined> {
  return {
    ...named,
    fallback: named.fallback,
    parse: (text) => {
      if (!/^\d{1,12}$/.test(text)) throw new SettingsError("expected a whole number from 0");
      return Number(text);
    },
  };
}

/** A setting that is on or off: a flag without a value, `1` or `0` elsewhere. */
export function switchSetting(
  named: Omit<Setting<boolean>, "parse" | "fallback"> & { readonly fallback?: boolean },
): Setting<boolean> {
  return { ...named, fallback: named.fallback ?? false, parse: parseSwitch };
}

/** A setting that is a size, in bytes. */
export function sizeSetting(named: Named<number>): Setting<number | undefined> {
  return { ...named, fallback: named.fallback, parse: parseSize };
}

/** A setting that is a length of time, in milliseconds. */
export function durationSetting(
  named: Omit<Setting<number>, "parse" | "fallback"> & { readonly fallback: string },
): Setting<number> {
  return {
    ...named,
    fallback: parseDuration(named.fallback),
    shownFallback: named.fallback,
    parse: parseDuration,
  };
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads a length of time: `90s`, `15m`, `4h`, `7d`, `2w`; a bare number is seconds.
 *
 * @returns milliseconds
 * @throws {SettingsError} when it is not one
 */
export function parseDuration(text: string): number {
  const parts = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)?$/.exec(text.trim());
  const ms = parts === null ? 0 : Number(parts[1]) * UNITS_MS[parts[2] ?? "s"]!;
  if (ms <= 0) throw new SettingsError("expected a length of time such as 30s, 15m, 4h or 7d");
  return ms;
}

/**
 * Reads a size: `256M`, `64MiB`, `2G`; a bare number is bytes. A thousand is 1024.
 *
 * @returns bytes
 * @throws {SettingsError} when it is not one
 */
export function parseSize(text: string): number {
  const parts = /^(\d{1,12})\s*(?:([KMGT])(?:i?B)?|B)?$/i.exec(text.trim());
  const bytes = parts === null
    ? NaN
    : Number(parts[1]) * 1024 ** " KMGT".indexOf((parts[2] ?? " ").toUpperCase());
  if (!(bytes <= Number.MAX_SAFE_INTEGER)) {
    throw new SettingsError("expected a size such as 256M or 2G");
  }
  return bytes;
}

function parseSwitch(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new SettingsError("expected 1 or 0");
}
