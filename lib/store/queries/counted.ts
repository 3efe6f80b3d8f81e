import { HOUR_LENGTH } from "../tags/hour.ts";
import {
  addCommon,
  type Condition,
  conditionOf,
  Conditions,
  type TagFilter,
  tagsOf,
} from "./tag_filter.ts";

const HOUR_MS = 3_600_000;

/**
 * A relation over the tags of a filter, to be summed up: `rule_id`, `tactic`,
 * `technique_id`, `sub_technique_id` (empty for none), `attack_release`,
 * `decky` (its key, 0 for none), `confidence`, `tags` (how many), `first_at`,
 * `last_at`, of which no row spans two hours. It comes from `tag_hourly` as far
 * as that has the answer, so that not every tag is read.
 */
export function counted(filter: TagFilter): Condition {
  if (!isInHours(filter)) return fromTags(filter);
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
  return {
    sql: parts.map(({ sql }) => sql).join(" UNION ALL "),
    values: parts.flatMap(({ values }) => values),
  };
}

/** Whether a filter asks for nothing that `tag_hourly` does not have. */
export function isInHours(filter: TagFilter): boolean {
  const { attackerUuid, identityUuid, sessionId, sourceKind, labelledSince } = filter;
  return (attackerUuid ?? identityUuid ?? sessionId ?? sourceKind ?? labelledSince) === undefined;
}

const LABEL_FACTS = `rule_id, tactic, technique_id,
  coalesce(sub_technique_id, '') AS sub_technique_id, attack_release`;

function fromTags(filter: TagFilter): Condition {
  const { sql, values } = conditionOf(filter);
  return {
    sql: `SELECT ${LABEL_FACTS}, coalesce(event.decky, 0) AS decky, confidence, 1 AS tags,
        observed_at AS first_at, observed_at AS last_at FROM ${tagsOf(filter)} WHERE ${sql}`,
    values,
  };
}

function fromHours(
  filter: TagFilter,
  from: number | undefined,
  to: number | undefined,
): Condition {
  const { sql, values } = addCommon(new Conditions(), filter)
    .add("decky = (SELECT id FROM decky WHERE decky_id = ?)", filter.deckyId)
    .add("hour >= ?", hourName(from))
    .add("hour < ?", hourName(to)).all;
  return {
    sql: `SELECT ${LABEL_FACTS}, decky, confidence, tag_hourly.tags,
        tag_hourly.first_seen AS first_at, tag_hourly.last_seen AS last_at
      FROM tag_hourly CROSS JOIN label ON label.id = tag_hourly.label WHERE ${sql}`,
    values,
  };
}

function hourName(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, HOUR_LENGTH);
}

function earlier(a: Date, b: Date | undefined): Date {
  return b === undefined || a < b ? a : b;
}

function later(a: Date, b: Date | undefined): Date {
  return b === undefined || a > b ? a : b;
}
