import { nearest } from "../../attack/spelling.ts";
import type { Problem } from "../../rules/format/problem.ts";
import { textSetting } from "./kinds.ts";
import { type Setting, SettingsError, type SettingTable } from "./settings.ts";
import { readToml, type TomlEntry, type TomlValue } from "./toml.ts";
import { WORKER_SETTINGS } from "./worker.ts";

/** Every setting that can stand in a file, by the name under which commands use it. */
export const FILE_SETTINGS = {
  ...WORKER_SETTINGS,
  rules: textSetting({
    flag: "--rules <dir>",
    env: "DECNET_TTP_RULES_DIR",
    description: "directory of rules that is laid over the built-in ones",
  }),
  attackBundle: textSetting({
    flag: "--attack-bundle <file>",
    env: "DECNET_ATTACK_BUNDLE",
    description: "ATT&CK release in the place of an embedded one",
  }),
} satisfies SettingTable;

/** What a file says about one setting. */
export interface FileSetting {
  /** As it would stand in the environment. */
  readonly value: string;
  /** `FILE:LINE`. */
  readonly place: string;
}

/** The settings file has mistakes; carries all of them. */
export class SettingsFileError extends SettingsError {
  /** In the order of the file. */
  readonly problems: readonly Problem[];

  /** @param problems at least one of severity `error` */
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join("\n"));
    this.problems = problems;
  }
}

/** A setting by its key in a file, and as it was under each of its former ones. */
function settingsByKey(
  name: string,
  setting: Setting<unknown>,
): readonly (readonly [key: string, setting: Setting<unknown>])[] {
  const former = (setting.formerly ?? []).map(({ name, env, convert = (text) => text }) =>
    [
      fileKey(name),
      { ...setting, env, parse: (text: string) => setting.parse(convert(text)) },
    ] as const
  );
  return [[fileKey(name), setting], ...former];
}

/** The name of a setting in a settings file: `natsUrl` is `nats_url`. */
export function fileKey(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Bit of a file's mode that lets everybody read it. */
const EVERYBODY_READS = 0o004;

/** What is longer is another file, by mistake; in bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a settings file.
 *
 * @param isPublic whether everybody may read the file: a secret in it is refused then
 * @returns what it says, by environment variable: a file speaks where the environment is silent
 * @throws {SettingsFileError} when anything in it is unknown or cannot be meant
 */
export function parseSettingsFile(
  text: string,
  path: string,
  isPublic: boolean = false,
): ReadonlyMap<string, FileSetting> {
  const { entries, problems: unread } = readToml(text, path);
  const problems = [...unread];
  const said = new Map<string, FileSetting>();
  const known = new Map<string, Setting<unknown>>(
    Object.entries(FILE_SETTINGS).flatMap(([name, setting]) => settingsByKey(name, setting)),
  );
  for (const entry of entries) {
    const setting = known.get(entry.key);
    if (setting?.env === undefined) {
      problems.push(unknownKey(entry, path, [...known.keys()]));
      continue;
    }
    const value = environmentText(entry.value);
    if (isPublic && (setting.secret === true || setting.hasSecret?.(value) === true)) {
      problems.push(publicSecret(entry, path));
      continue;
    }
    try {
      setting.parse(value);
      said.set(setting.env, { value, place: `${path}:${entry.line}` });
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      const shown = setting.secret === true ? "its value" : JSON.stringify(entry.value);
      problems.push({
        ...place(entry, path),
        code: "setting_value",
        message: `${entry.key}: ${shown} cannot be used`,
        remedy: error.message,
        excerpt: entry.excerpt,
      });
    }
  }
  if (problems.length > 0) {
    const sorted = problems.toSorted((a, b) => a.line - b.line);
    throw new SettingsFileError(sorted.map((problem) => withoutSecret(problem, known)));
  }
  return said;
}

/**
 * A mistyped name or a missing quote must not make a secret public: a value is shown
 * only of a setting that is known and none, and a line that is no setting not at all.
 */
function withoutSecret(
  problem: Problem,
  known: ReadonlyMap<string, Setting<unknown>>,
): Problem {
  const { excerpt, ...rest } = problem;
  const [key] = problem.path;
  if (key === undefined || excerpt === undefined) return rest;
  const [head = "", value = ""] = excerpt.split(/(?<==)(.*)/s);
  const setting = known.get(key);
  const isOpen = setting !== undefined && setting.secret !== true &&
    setting.hasSecret?.(value) !== true;
  return { ...rest, excerpt: isOpen ? excerpt : `${head} …` };
}

/**
 * Reads the settings file that somebody asked for.
 *
 * @throws {SettingsError} when it cannot be read or meant
 */
export function readSettingsFile(path: string): ReadonlyMap<string, FileSetting> {
  let read: FileText;
  try {
    read = readBounded(path);
  } catch (error) {
    throw new SettingsError(`cannot read the settings file ${path}: ${readFailure(error)}`);
  }
  return parseSettingsFile(read.text, path, read.isPublic);
}

/**
 * Reads the system's settings file, which need not be there.
 *
 * @param warn told when it is there and not for this user to read
 * @throws {SettingsError} when it cannot be read or meant
 */
export function readSystemSettings(
  path: string,
  warn: (message: string) => void,
): ReadonlyMap<string, FileSetting> {
  let read: FileText;
  try {
    read = readBounded(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      warn(`the settings file ${path} is not used: ${readFailure(error)}`);
    }
    return new Map();
  }
  return parseSettingsFile(read.text, path, read.isPublic);
}

interface FileText {
  readonly text: string;
  readonly isPublic: boolean;
}

/** @throws {SettingsError} when there is more than a settings file can have */
function readBounded(path: string): FileText {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(MAX_BYTES + 1);
  let size = 0;
  while (size < bytes.length) {
    const read = file.readSync(bytes.subarray(size));
    if (read === null) break;
    size += read;
  }
  if (size > MAX_BYTES) throw new SettingsError("it is longer than any settings file");
  return {
    text: new TextDecoder().decode(bytes.subarray(0, size)),
    isPublic: ((file.statSync().mode ?? 0) & EVERYBODY_READS) !== 0,
  };
}

function readFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

function environmentText(value: TomlValue): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}

function place(
  { key, line, column }: TomlEntry,
  file: string,
): Pick<Problem, "severity" | "file" | "line" | "column" | "path"> {
  return { severity: "error", file, line, column, path: [key] };
}

function publicSecret(entry: TomlEntry, file: string): Problem {
  return {
    ...place(entry, file),
    code: "setting_public",
    message: `${entry.key} holds a secret, and everybody on this host can read this file`,
    remedy: `\`chmod o-rwx\` the file, or name a file that holds it with ${
      secretFileKey(entry.key)
    }`,
  };
}

/** The login of an address can stand in two settings of its own. */
function secretFileKey(key: string): string {
  return key === "bus" || key === "nats_url" ? "nats_password_file" : `${key}_file`;
}

function unknownKey(entry: TomlEntry, file: string, names: readonly string[]): Problem {
  const meant = nearest(entry.key, names);
  return {
    ...place(entry, file),
    code: "unknown_setting",
    message: `there is no setting ${JSON.stringify(entry.key)}`,
    remedy: meant === undefined ? `known are ${names.join(", ")}` : `did you mean ${meant}?`,
    excerpt: entry.excerpt,
  };
}
