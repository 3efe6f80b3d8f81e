import { parentOf } from "./label.ts";

/** Running commands: the interpreter, or a way around, out of or up from what holds it. */
const EXECUTION = ["T1059", "T1548", "T1202", "T1218", "T1611", "T1095", "T1071"];

/** Purposes of GTFOBins, and the techniques (or parents) one of which is the right answer. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  shell: EXECUTION,
  command: EXECUTION,
  "reverse-shell": EXECUTION,
  "bind-shell": EXECUTION,
  upload: ["T1041", "T1048", "T1567", "T1105"],
  download: ["T1105"],
  "file-read": ["T1005", "T1083", "T1552", "T1003", "T1087"],
  "privilege-escalation": ["T1548", "T1222", "T1068"],
};

/** Purposes that stand together in one figure. */
export const ABUSE_GROUPS = {
  execution: ["shell", "command", "reverse-shell", "bind-shell"],
  upload: ["upload"],
  download: ["download"],
  file_read: ["file-read"],
  privilege_escalation: ["privilege-escalation"],
} as const;

/** Name of a group of purposes. */
export type AbuseGroup = keyof typeof ABUSE_GROUPS;

/**
 * Tells whether one of the techniques says what a program was abused for.
 *
 * @returns nothing when no answer is known to be right for the purpose
 */
export function saysPurpose(purpose: string, techniques: Iterable<string>): boolean | undefined {
  if (!Object.hasOwn(ACCEPTED, purpose)) return undefined;
  const accepted = ACCEPTED[purpose] ?? [];
  for (const technique of techniques) if (accepted.includes(parentOf(technique))) return true;
  return false;
}
