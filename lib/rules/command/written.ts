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
