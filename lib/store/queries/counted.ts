import type { Value } from "../statement.ts";
import { TAGS } from "../tag_row.ts";
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
 * `confidence`, `tags` (how many), `first_at`, `last_at`. Whole hours come from
 * `tag_hourly`, so that questions about everything do not read every tag; no row
 * spans two hours.
 */
export function counted(filter: TagFilter): Condition {
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
  return {
    sql: parts.map((part) => part.sql).join(" UNION ALL "),
    values: parts.flatMap((part) => part.values),
  };
}

function fromTags(filter: TagFilter): Condition {
  const { sql, values } = conditionOf(filter);
  return {
    sql: `SELECT rule_id, tactic, technique_id, coalesce(sub_technique_id, '') AS sub_technique_id,
        attack_release, confidence, 1 AS tags, created_at AS first_at, created_at AS last_at
      FROM ${TAGS} WHERE ${sql}`,
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
