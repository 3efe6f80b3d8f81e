import type { Attack } from "../attack/matrix.ts";
import type { StoredTag } from "../store/tags/tag_row.ts";
import { tacticOf, techniqueOf } from "./named.ts";

/** Control and format characters, line and paragraph separators. */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Blanks do not keep a spreadsheet from calculating, nor does it keep to narrow characters in every language. */
const FORMULA_REGEXP = /^\s*[=+\-@|%＝＋－＠｜％]/;

/** Where many countries have a comma in numbers, cells end at a semicolon, and a formula may follow. */
const CELL_END_REGEXP = /;(?=[\s"']*[=+\-@|%＝＋－＠｜％])/g;

/** Columns in their order; scripts rely on them. */
export const CSV_COLUMNS = [
  "uuid",
  "created_at",
  "technique_id",
  "technique_name",
  "tactic_id",
  "tactic_name",
  "confidence",
  "rule_id",
  "rule_version",
  "source_kind",
  "source_id",
  "attacker_uuid",
  "attacker_ip",
  "identity_uuid",
  "session_id",
  "decky_id",
  "attack_release",
  "mitre_url",
  "evidence",
] as const;

/** The first line of the file. */
export const CSV_HEADER: string = csvLine(CSV_COLUMNS);

/** One tag as a line; the address as far as it is known. */
export function csvTagLine(attack: Attack, tag: StoredTag, ip: string | undefined): string {
  const cells: Readonly<Record<typeof CSV_COLUMNS[number], string>> = {
    uuid: tag.uuid,
    created_at: tag.createdAt,
    technique_id: tag.subTechniqueId ?? tag.techniqueId,
    technique_name: techniqueOf(attack, tag)?.name ?? "",
    tactic_id: tag.tactic,
    tactic_name: tacticOf(attack, tag)?.name ?? "",
    confidence: String(tag.confidence),
    rule_id: tag.ruleId,
    rule_version: String(tag.ruleVersion),
    source_kind: tag.sourceKind,
    source_id: tag.sourceId,
    attacker_uuid: tag.attackerUuid ?? "",
    attacker_ip: ip ?? "",
    identity_uuid: tag.identityUuid ?? "",
    session_id: tag.sessionId ?? "",
    decky_id: tag.deckyId ?? "",
    attack_release: tag.attackRelease,
    mitre_url: tag.mitreUrl,
    evidence: JSON.stringify(tag.evidence),
  };
  return csvLine(CSV_COLUMNS.map((column) => cells[column]));
}

/** One line of RFC 4180 without its line break. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(",");
}

/**
 * One cell. What a spreadsheet would take for a formula gets an apostrophe before
 * it, and what moves a cursor, hides text or begins another formula is spelled out, as
 * JSON does: attackers choose many of these texts.
 */
function csvCell(text: string): string {
  const shown = text.replace(UNSHOWABLE, spelledOut).replace(CELL_END_REGEXP, spelledOut);
  const inert = FORMULA_REGEXP.test(shown) ? `'${shown}` : shown;
  return /[",;']|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

function spelledOut(character: string): string {
  const hex = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, "0");
  return character.split("").map((unit) => `\\u${hex(unit)}`).join("");
}
