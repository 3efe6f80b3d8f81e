import { NAMES_SETTLED } from "../tags/settling.ts";
import type { Value } from "../sqlite/statement.ts";
import { TAGS } from "../tags/tag_row.ts";
import {
  addCommon,
  type Condition,
  conditionOf,
  Conditions,
  type TagFilter,
} from "./tag_filter.ts";

const HOUR_MS = 3_600_000;

/**
 * A relation over the tags of a filter, to be summed up: `rule_id`, `tactic`,
 * `technique_id`, `sub_technique_id` (empty for none), `attack_release`,
 * `confidence`, `tags` (how many), `first_at`, `last_at`. It comes from sums where
 * there are any, so that not every tag is read.
 */
export function counted(filter: TagFilter): Condition {
  const { deckyId, attackerUuid, identityUuid, sessionId, sourceKind, since, until } = filter;
  const others = attackerUuid ?? identityUuid ?? sessionId ?? sourceKind ?? since ?? until;
  return deckyId === undefined || others !== undefined
    ? countedByHour(filter)
    : together(fromDecky(filter), fromFresh(filter));
}

/** The same, where no row spans two hours: whole hours come from `tag_hourly`. */
export function countedByHour(filter: TagFilter): Condition {
  const needsTags = filter.attackerUuid ?? filter.identityUuid ?? filter.sessionId ??
    filter.deckyId ?? filter.sourceKind;
  if (needsTags !== undefined) return fromTags(filter);
  const { since, until } = filter;
  const from = since === undefined ? undefined : Math.ceil(since.getTime() / HOUR_MS) * HOUR_MS;
  const to = until === undefined ? undefined : Math.floor(until.getTime() / HOUR_MS) * HOUR_MS;
  if (from !== undefined && to !== undefined && from > to) return fromTags(filter);
  const parts = [fromHours(filter, from, to)];
  if (from !== undefined && from !== since?.getTime()) {
    parts.push(fromTags({ ...filter, until: earlier(new Date(from), until) }));
  }
  if (to !== undefined && to !== until?.getTime()) {
    parts.push(fromTags({ ...filter, since: later(new Date(to), since) }));
  }
  return together(...parts);
}

function together(...parts: readonly Condition[]): Condition {
  return {
    sql: parts.map(({ sql }) => sql).join(" UNION ALL "),
    values: parts.flatMap(({ values }) => values),
  };
}

function fromTags(filter: TagFilter): Condition {
  return fromThose(conditionOf(filter));
}

function fromThose({ sql, values }: Condition): Condition {
  return {
    sql: `SELECT rule_id, tactic, technique_id, coalesce(sub_technique_id, '') AS sub_technique_id,
        attack_release, confidence, 1 AS tags, created_at AS first_at, created_at AS last_at
      FROM ${TAGS} WHERE ${sql}`,
    values,
  };
}

/** From the tags of a decky that are not settled yet. */
function fromFresh(filter: TagFilter): Condition {
  const { sql, values } = addCommon(new Conditions(), filter)
    .add("decky_id = ?", filter.deckyId).all;
  return fromThose({ sql: `origin.id > ${NAMES_SETTLED} AND ${sql}`, values });
}

/** From the sums of a decky, of the tags that are settled. */
function fromDecky(filter: TagFilter): Condition {
  const { sql, values } = addCommon(new Conditions(), filter)
    .add("decky_id = ?", filter.deckyId).all;
  // The bounds are the first and last tag as long as these are there; else the next is looked for.
  const at = (bound: string, order: string): string =>
    `(SELECT created_at FROM tag_of_label AS near CROSS JOIN tag ON tag.id = near.tag
      CROSS JOIN tag_origin AS origin
        ON origin.id = (SELECT max(id) FROM tag_origin WHERE id <= near.tag)
      WHERE near.label = decky_sum.label AND near.tag ${bound}
        AND tag.confidence = decky_sum.confidence AND origin.decky_id = decky_sum.decky_id
      ORDER BY near.tag ${order} LIMIT 1)`;
  return {
    sql: `SELECT rule_id, tactic, technique_id, coalesce(sub_technique_id, '') AS sub_technique_id,
        attack_release, confidence, tags, ${at(">= oldest", "ASC")} AS first_at,
        ${at("<= newest", "DESC")} AS last_at
      FROM decky_sum CROSS JOIN tag_label ON tag_label.id = decky_sum.label WHERE ${sql}`,
    values,
  };
}

function fromHours(
  filter: TagFilter,
  from: number | undefined,
  to: number | undefined,
): { readonly sql: string; readonly values: readonly Value[] } {
  const { sql, values } = addCommon(new Conditions(), filter)
    .add("hour >= ?", hourName(from))
    .add("hour < ?", hourName(to)).all;
  return {
    sql: `SELECT rule_id, tactic, technique_id, sub_technique_id, attack_release, confidence, tags,
        first_at, last_at
      FROM tag_hourly WHERE ${sql}`,
    values,
  };
}

function hourName(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 13);
}

function earlier(a: Date, b: Date | undefined): Date {
  return b === undefined || a < b ? a : b;
}

function later(a: Date, b: Date | undefined): Date {
  return b === undefined || a > b ? a : b;
}
