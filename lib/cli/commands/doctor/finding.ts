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

/** What to do where the message itself says no more than what is wrong. */
const REMEDIES: Readonly<Record<Finding["area"], string>> = {
  settings: "`decnet-ttp help run` says what each of them takes",
  database: "see that the path is the right one, or name another with --db",
  bus: "see that the settings of the login name the right files, and that this user can read them",
  HTTP: "`run` does not start with it; `decnet-ttp help run` says what --http takes",
  rules: "mend the file; `decnet-ttp validate` shows the line",
  "ATT&CK": "name another with --attack-bundle, or none for the embedded one",
  disk: "see whether it is mounted, and whether this user can read it",
  clock: "keep it in time with NTP",
};

/** A problem always comes with something to do. */
export function withAnyRemedy(finding: Finding): Finding {
  if (finding.verdict !== "problem") return finding;
  return { ...finding, remedy: finding.remedy ?? REMEDIES[finding.area] };
}
