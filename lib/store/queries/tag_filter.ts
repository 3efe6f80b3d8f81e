import { NAME_KINDS, NAMES_SETTLED, originsNaming } from "../tags/settling.ts";
import type { Value } from "../sqlite/statement.ts";

/** Which tags are meant: all that meet every condition that is present. */
export interface TagFilter {
  /** Written at this time or later. */
  readonly since?: Date;
  /** Written before this time. */
  readonly until?: Date;
  readonly attackerUuid?: string;
  /** Also the tags of attackers that are known to be this identity. */
  readonly identityUuid?: string;
  readonly sessionId?: string;
  readonly deckyId?: string;
  /** A technique means its sub-techniques too, `T1548.001` only itself. */
  readonly techniqueId?: string;
  /** Tactic id. */
  readonly tactic?: string;
  readonly ruleId?: string;
  readonly sourceKind?: string;
  /** From 0 to 1. */
  readonly minConfidence?: number;
}

/** A condition of SQL with the values of its parameters. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** Gathers conditions that must all be met. */
export class Conditions {
  readonly #parts: string[] = [];
  readonly #values: Value[] = [];

  /** Adds one when there is a value for it. */
  add(sql: string, ...values: readonly (Value | undefined)[]): this {
    const given = values.filter((value) => value !== undefined);
    if (given.length < values.length) return this;
    this.#parts.push(sql);
    this.#values.push(...given);
    return this;
  }

  /** All of them as one; true when there are none. */
  get all(): Condition {
    const sql = this.#parts.length === 0 ? "TRUE" : this.#parts.join(" AND ");
    return { sql, values: this.#values };
  }
}

const { attacker, identity, session, decky, sessionSource, sessionAgain } = NAME_KINDS;

/** Origins that may be an identity's or those of its attackers. Takes the identity twice. */
const OF_IDENTITY = `(SELECT origin FROM tag_name WHERE kind = ${identity} AND hash = name_hash(?)
    UNION ALL SELECT origin FROM tag_name WHERE kind = ${attacker} AND hash IN (
      SELECT name_hash(uuid) FROM attacker WHERE identity_uuid = ?)
    UNION ALL SELECT id FROM tag_origin WHERE id > ${NAMES_SETTLED})`;

/** The condition of a filter over `TAGS`. */
export function conditionOf(filter: TagFilter): Condition {
  const { attackerUuid, identityUuid, sessionId, deckyId } = filter;
  return addCommon(new Conditions(), filter)
    .add("created_at >= ?", filter.since?.toISOString())
    .add("created_at < ?", filter.until?.toISOString())
    .add(
      `origin.id IN ${originsNaming(attacker)} AND attacker_uuid = ?`,
      attackerUuid,
      attackerUuid,
    )
    .add(
      `origin.id IN ${OF_IDENTITY} AND (identity_uuid = ?
        OR attacker_uuid IN (SELECT uuid FROM attacker WHERE identity_uuid = ?))`,
      ...Array.from({ length: 4 }, () => identityUuid),
    )
    .add(
      `origin.id IN ${originsNaming(session, sessionSource, sessionAgain)} AND session_id = ?`,
      sessionId,
      sessionId,
    )
    .add(`origin.id IN ${originsNaming(decky)} AND decky_id = ?`, deckyId, deckyId)
    .add("source_kind = ?", filter.sourceKind).all;
}

/** Adds what `TAGS` and `tag_hourly` can both be asked. */
export function addCommon(conditions: Conditions, filter: TagFilter): Conditions {
  const [parent, sub] = filter.techniqueId?.split(".") ?? [];
  return conditions
    .add("technique_id = ?", parent)
    .add("sub_technique_id = ?", sub === undefined ? undefined : filter.techniqueId)
    .add("tactic = ?", filter.tactic)
    .add("rule_id = ?", filter.ruleId)
    .add("confidence >= ?", filter.minConfidence);
}

/** Whether a filter names somebody or something, whose tags are few among all. */
export function isNarrow(filter: TagFilter): boolean {
  return filter.attackerUuid !== undefined || filter.identityUuid !== undefined ||
    filter.sessionId !== undefined || filter.deckyId !== undefined;
}
