import type { Value } from "../sqlite/statement.ts";
import { TAGS_BY_EVENT, TAGS_BY_TAG } from "../tags/tag_row.ts";

/** Which tags are meant: all that meet every condition that is present. */
export interface TagFilter {
  /** Observed at this time or later. */
  readonly since?: Date;
  /** Observed before this time. */
  readonly until?: Date;
  /** Labelled at this time or later. */
  readonly labelledSince?: Date;
  readonly attackerUuid?: string;
  /** Also the tags of attackers that are this identity, and of identities merged into it. */
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

/** Identities that show as the one of a uuid. */
const SAME_IDENTITY = `(SELECT id FROM identity
  WHERE in_force = (SELECT in_force FROM identity WHERE uuid = ?))`;

/** The condition of a filter over `TAGS_BY_EVENT` or `TAGS_BY_TAG`. */
export function conditionOf(filter: TagFilter): Condition {
  const { attackerUuid, identityUuid, sessionId, deckyId } = filter;
  const labelledSince = filter.labelledSince?.toISOString();
  return addCommon(new Conditions(), filter)
    .add("observed_at >= ?", filter.since?.toISOString())
    .add("observed_at < ?", filter.until?.toISOString())
    .add(
      // The first part is what the index of ages holds.
      `max(observed_at, coalesce(relabelled_at, event.created_at)) >= ?
        AND coalesce(tag.created_at, event.created_at) >= ?`,
      labelledSince,
      labelledSince,
    )
    .add(
      `event.address IN (SELECT address.id FROM attacker
        CROSS JOIN address ON address.attacker = attacker.id WHERE attacker.uuid = ?)`,
      attackerUuid,
    )
    .add(
      `event.id IN (
        SELECT event.id FROM attacker CROSS JOIN address ON address.attacker = attacker.id
          CROSS JOIN event ON event.address = address.id WHERE attacker.identity IN ${SAME_IDENTITY}
        UNION ALL SELECT id FROM event WHERE identity IN ${SAME_IDENTITY})`,
      identityUuid,
      identityUuid,
    )
    .add("event.session = (SELECT id FROM session WHERE session_id = ?)", sessionId)
    .add("event.decky = (SELECT id FROM decky WHERE decky_id = ?)", deckyId)
    .add("source_kind = ?", filter.sourceKind).all;
}

/** Adds what the tags and `tag_hourly` can both be asked. */
export function addCommon(conditions: Conditions, filter: TagFilter): Conditions {
  const [parent, sub] = filter.techniqueId?.split(".") ?? [];
  const { sql, values } = new Conditions()
    .add("technique_id = ?", parent)
    .add("sub_technique_id = ?", sub === undefined ? undefined : filter.techniqueId)
    .add("tactic = ?", filter.tactic)
    .add("rule_id = ?", filter.ruleId).all;
  if (values.length > 0) conditions.add(`label IN (SELECT id FROM label WHERE ${sql})`, ...values);
  return conditions.add("confidence >= ?", filter.minConfidence);
}

/** The tags, joined in the order in which the indexes find those of a filter. */
export function tagsOf(filter: TagFilter): string {
  const { techniqueId, tactic, ruleId, since, until, labelledSince } = filter;
  const isOfLabel = (techniqueId ?? tactic ?? ruleId) !== undefined;
  const isOfTime = (since ?? until ?? labelledSince) !== undefined;
  return isOfLabel && !isOfTime && !isNarrow(filter) ? TAGS_BY_TAG : TAGS_BY_EVENT;
}

/** Whether a filter names somebody or something, whose tags are few among all. */
export function isNarrow(filter: TagFilter): boolean {
  return filter.attackerUuid !== undefined || filter.identityUuid !== undefined ||
    filter.sessionId !== undefined || filter.deckyId !== undefined;
}
