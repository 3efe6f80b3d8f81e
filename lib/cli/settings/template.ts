import { SERVICE, SERVICE_DATABASE } from "../commands/install/installation.ts";
import type { Setting } from "./settings.ts";
import { FILE_SETTINGS, fileKey } from "./file.ts";

/** What has one value only needs no line. */
const LEFT_OUT: ReadonlySet<string> = new Set(["taggerType"]);

/** What a new installation says; everything else stands there as a comment. */
const SAID: Readonly<Record<string, string>> = { db: SERVICE_DATABASE };

/** The settings file of a new installation: every setting, explained, with its default or an example. */
export function settingsTemplate(): string {
  const head = [
    `# Settings of ${SERVICE}, for the service and for every command. A flag or an environment`,
    `# variable takes precedence. \`systemctl reload ${SERVICE}\` puts changes in force and names in the`,
    "# log what needs a restart; `decnet-ttp doctor` shows what is in force, and from where.",
    "#",
    "# Passwords and tokens do not belong here: this file can be read by everybody on this host. Name",
    `# the files that hold them; LoadCredential= in \`systemctl edit ${SERVICE}\` hands them over.`,
  ];
  const entries = Object.entries<Setting<unknown>>(FILE_SETTINGS)
    .filter(([name, { secret, env }]) => !secret && env !== undefined && !LEFT_OUT.has(name))
    .map(([name, setting]) => entry(name, setting));
  return `${[head.join("\n"), ...entries].join("\n\n")}\n`;
}

function entry(name: string, setting: Setting<unknown>): string {
  const said = SAID[name];
  const value = said === undefined ? example(setting) : JSON.stringify(said);
  const mark = said === undefined ? "# " : "";
  const choices = setting.choices === undefined ? "" : ` (${setting.choices.join(", ")})`;
  return `# ${setting.description}${choices}\n${mark}${fileKey(name)} = ${value}`;
}

/** The default in the words of the file, else what the flag shows in the place of a value. */
function example({ flag, fallback }: Setting<unknown>): string {
  const placeholder = /<(\w+)>/.exec(flag ?? "")?.[1];
  if (typeof fallback === "boolean") return String(fallback);
  if (typeof fallback === "number") {
    return placeholder === "time" ? JSON.stringify(timeText(fallback)) : String(fallback);
  }
  if (typeof fallback === "string") return JSON.stringify(fallback);
  if (placeholder === "size") return JSON.stringify("256M");
  return placeholder === "days" || placeholder === "count"
    ? "90"
    : JSON.stringify(placeholder ?? "…");
}

/** @param ms milliseconds */
function timeText(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
