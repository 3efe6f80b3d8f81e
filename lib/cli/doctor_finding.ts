/** How one thing is: a problem needs somebody, a warning wants to be known. */
export type Verdict = "ok" | "warning" | "problem";

/** Parts of a sensor that are looked at, in the order in which they are shown. */
export const AREAS = [
  "settings",
  "database",
  "bus",
  "HTTP",
  "rules",
  "ATT&CK",
  "disk",
  "clock",
] as const;

/** One thing that was looked at. */
export interface Finding {
  readonly area: typeof AREAS[number];
  /** What was looked at, e.g. `stream DECNET`. */
  readonly what: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** Parts the advice at the end of a message from what happened: the program puts it behind a semicolon. */
export function withRemedy(message: string): Pick<Finding, "detail" | "remedy"> {
  const at = message.lastIndexOf("; ");
  if (at < 0) return { detail: message };
  return { detail: message.slice(0, at), remedy: message.slice(at + 2) };
}
