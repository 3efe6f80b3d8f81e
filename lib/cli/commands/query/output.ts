import type { Attack } from "../../../attack/matrix.ts";
import type { Dimension, NameCount } from "../../../store/queries/top_by_count.ts";
import type { TechniqueSummary } from "../../../store/queries/summaries.ts";
import type { StoredTag } from "../../../store/tags/tag_row.ts";
import { namesOf } from "../../output/attack_names.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { type Column, tableLines } from "../../output/table.ts";
import { tagJson } from "../tag/json.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Longest evidence that a table shows, in characters. */
const MAX_EVIDENCE = 400;

const TECHNIQUES: readonly Column[] = [
  { title: "TECHNIQUE" },
  { title: "NAME", min: 12 },
  { title: "TACTIC", min: 9 },
  { title: "TAGS", align: "right" },
  { title: "BEST", align: "right" },
  { title: "FIRST SEEN", min: 11 },
  { title: "LAST SEEN", min: 11 },
];

const TAGS: readonly Column[] = [
  { title: "WHEN", min: 11 },
  { title: "TECHNIQUE" },
  { title: "NAME", min: 12 },
  { title: "CONF", align: "right" },
  { title: "RULE", min: 5 },
  { title: "EVIDENCE", min: 8 },
];

/** Prints techniques with their sums as a table. */
export function printTechniques(
  terminal: Terminal,
  attack: Attack,
  summaries: readonly TechniqueSummary[],
): void {
  const rows = summaries.map((summary) => {
    const names = namesOf(attack, summary);
    return [
      printable(summary.subTechniqueId ?? summary.techniqueId, 20),
      names.technique,
      names.tactic || printable(summary.tactic, 20),
      String(summary.tags),
      summary.bestConfidence.toFixed(2),
      timeText(summary.firstSeen),
      timeText(summary.lastSeen),
    ];
  });
  for (const line of tableLines(terminal, TECHNIQUES, rows)) terminal.out(line);
}

/** Prints tags one a line. */
export function printTags(terminal: Terminal, attack: Attack, tags: readonly StoredTag[]): void {
  const rows = tags.map((tag) => [
    timeText(tag.observedAt),
    printable(tag.subTechniqueId ?? tag.techniqueId, 20),
    namesOf(attack, tag).technique,
    tag.confidence.toFixed(2),
    printable(tag.ruleId, 64),
    evidenceText(tag),
  ]);
  for (const line of tableLines(terminal, TAGS, rows)) terminal.out(line);
}

/** Prints attackers, sessions and the like with their addresses and the number of their tags. */
export function printTop(terminal: Terminal, title: string, top: readonly NameCount[]): void {
  const hasAddress = top.some(({ ip }) => ip !== undefined);
  const columns: readonly Column[] = [
    { title, min: 12 },
    ...(hasAddress ? [{ title: "ADDRESS", min: 7 }] : []),
    { title: "TAGS", align: "right" },
    { title: "FIRST SEEN", min: 11 },
    { title: "LAST SEEN", min: 11 },
  ];
  const rows = top.map(({ id, ip, tags, firstSeen, lastSeen }) => [
    printable(id, 200),
    ...(hasAddress ? [ip ?? ""] : []),
    String(tags),
    timeText(firstSeen),
    timeText(lastSeen),
  ]);
  for (const line of tableLines(terminal, columns, rows)) terminal.out(line);
}

/** The same for scripts. */
export function topJson(dimension: Dimension, top: readonly NameCount[]): readonly unknown[] {
  const key = dimension === "attacker" || dimension === "identity" ? "uuid" : "id";
  return top.map(({ id, ip, tags, firstSeen, lastSeen }) => ({
    [`${dimension}_${key}`]: id,
    ...((dimension === "attacker" || dimension === "session") && { attacker_ip: ip ?? null }),
    tags,
    first_seen: firstSeen,
    last_seen: lastSeen,
  }));
}

/** Prints everything about one tag. */
export function printTag(terminal: Terminal, attack: Attack, tag: StoredTag): void {
  const names = namesOf(attack, tag);
  const technique = tag.subTechniqueId ?? tag.techniqueId;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["tag", tag.uuid],
    ["technique", `${technique} ${names.technique}`],
    ["tactic", `${tag.tactic} ${names.tactic}`],
    ["confidence", String(tag.confidence)],
    ["rule", `${tag.ruleId} version ${tag.ruleVersion}`],
    ["observed", tag.observedAt],
    ["labelled", tag.createdAt],
    ["address", tag.attackerIp],
    ["attacker", tag.attackerUuid],
    ["identity", tag.identityUuid],
    ["session", tag.sessionId],
    ["decky", tag.deckyId],
    ["source", `${tag.sourceKind} ${tag.sourceId}`],
    ["release", tag.attackRelease],
    ["reference", tag.mitreUrl],
  ];
  for (const [name, value] of fields) {
    if (value === undefined) continue;
    terminal.out(`${terminal.paint("dim", `${name}:`.padEnd(12))}${printable(value).trimEnd()}`);
  }
  for (const [key, value] of Object.entries(tag.evidence)) {
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    terminal.out(
      `${terminal.paint("dim", "evidence:".padEnd(12))}${printable(key)} = ${printable(shown)}`,
    );
  }
}

/** One technique with its sums, for scripts. */
export function techniqueJson(
  attack: Attack,
  summary: TechniqueSummary,
): Readonly<Record<string, unknown>> {
  const names = namesOf(attack, summary);
  return {
    technique_id: summary.techniqueId,
    ...(summary.subTechniqueId !== undefined && { sub_technique_id: summary.subTechniqueId }),
    technique_name: names.technique,
    tactic: summary.tactic,
    tactic_name: names.tactic,
    tags: summary.tags,
    first_seen: summary.firstSeen,
    last_seen: summary.lastSeen,
    best_confidence: summary.bestConfidence,
    attack_release: summary.attackRelease,
  };
}

/** One tag as the database has it, for scripts: what `tag --json` prints, whom it is about, and when. */
export function storedTagJson(attack: Attack, tag: StoredTag): Readonly<Record<string, unknown>> {
  return {
    ...tagJson(attack, tag),
    attacker_uuid: tag.attackerUuid ?? null,
    attacker_ip: tag.attackerIp ?? null,
    identity_uuid: tag.identityUuid ?? null,
    session_id: tag.sessionId ?? null,
    decky_id: tag.deckyId ?? null,
    observed_at: tag.observedAt,
    created_at: tag.createdAt,
  };
}

/** Prints one JSON object a line. */
export function printJson(terminal: Terminal, values: Iterable<unknown>): void {
  for (const value of values) terminal.out(jsonLine(value));
}

/** A time to the second, in UTC; a narrow table is left with the day. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** What of a tag shows why it is there, harmless and short. */
export function evidenceText({ evidence }: StoredTag): string {
  const { matched } = evidence;
  return printable(typeof matched === "string" ? matched : JSON.stringify(evidence), MAX_EVIDENCE);
}
