/** Characters of a time that name its hour, `2026-11-20T14`. */
export const HOUR_LENGTH = 13;

/** The hour of a time, as `tag_hourly` names it. */
export function hourOf(at: string): string {
  return at.slice(0, HOUR_LENGTH);
}
