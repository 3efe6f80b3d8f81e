import { isShell } from "../roles.ts";
import type { Scope } from "../scope.ts";

/** Files that take settings or values, not scripts. */
const NO_SCRIPT =
  /^\/(?:proc|sys|dev\/(?!shm\/|mqueue\/))|authorized_keys|\/etc\/(?:passwd|shadow|group|resolv\.conf|hosts)/;

/** Schedule and user in front of a cron job, and the key in front of a unit's command. */
const LINE_HEAD =
  /^\s*(?:@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)\s+|(?:[\d*][\d*\/,-]*\s+){5}|Exec(?:Start|StartPre|StartPost|Stop|Reload)=[-@+!:]*)(?:root\s+)?/gm;

/**
 * A text that is written to a file, as the script that it may be: droppers write
 * theirs line by line. Of cron tables and units the command is left.
 *
 * @param text what is written
 * @param target the file
 * @returns nothing when it can hardly be a script
 */
export function writtenScript(text: string, target: string): string | undefined {
  if (NO_SCRIPT.test(target) || !/\S\s+\S|[;|&]/.test(text.trim())) return undefined;
  return withoutSchedule(text);
}

/** Takes schedules off the lines of a cron table. */
export function withoutSchedule(text: string): string {
  return text.replace(LINE_HEAD, "");
}

/** A redirection without a command makes empty files. */
export function leaveEmpty(files: readonly string[], scope: Scope): void {
  for (const file of files) scope.setFile(file, { text: "", decoded: 0 });
}

/** Whether a command runs a file that the text has left empty: it looks for a place to write to. */
export function runsEmptyFile(
  program: string,
  path: string,
  argv: readonly string[],
  scope: Scope,
): boolean {
  if (!scope.hasFiles) return false;
  const reads = isShell(program) || program === "." || program === "source";
  const script = reads ? argv.find((word) => !word.startsWith("-")) : path;
  return script !== undefined && scope.file(script)?.text.trim() === "";
}
