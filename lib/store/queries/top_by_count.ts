import type { Value } from "../sqlite/statement.ts";
import type { Store } from "../store.ts";
import { counted, isInHours } from "./counted.ts";
import { type Condition, conditionOf, type TagFilter, tagsOf } from "./tag_filter.ts";

/** Tags that a report reads at most where no totals have the answer. */
export const MAX_READ = 200_000;

/** What tags can be gathered by. */
export type Dimension = "attacker" | "identity" | "session" | "decky";

/** The tags of one attacker, identity, session or decky. */
export interface NameCount {
  /** Its id. */
  readonly id: string;
  /** Address of the attacker, where it is known; of a session, that of its first event. */
  readonly ip?: string;
  readonly tags: number;
  /** When the first was observed; UTC, ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** Who or what has the most tags, and among how many. */
export interface TopByCount {
  /** Most tags first; among equals who was seen first. */
  readonly rows: readonly NameCount[];
  /** How many have any. */
  readonly total: number;
  /** Whether there were too many tags to read, so that this is told from the newest `maxRead`. */
  readonly cut: boolean;
}

/** How much is asked for. */
export interface TopOptions {
  /** At most so many. @default {20} */
  readonly limit?: number;
  /** Tags that are read at most where no totals have the answer; all by default. */
  readonly maxRead?: number;
}

interface Row extends Omit<NameCount, "ip"> {
  readonly ip: string | null;
  readonly total: number;
}

/** Who or what has the most tags. */
export function topByCount(
  store: Store,
  dimension: Dimension,
  filter: TagFilter = {},
  { limit = 20, maxRead = Number.MAX_SAFE_INTEGER }: TopOptions = {},
): TopByCount {
  const isTold = isOfTime(filter) || (dimension === "decky" && isInHours(filter));
  const source = isOfTime(filter)
    ? fromTotals(dimension, filter)
    : isTold
    ? fromHours(filter)
    : fromTags(dimension, filter, maxRead);
  const { id, address } = NAMES[dimension];
  const rows = store.database.prepare(
    `SELECT ${id} AS id, ${address} AS ip, tags, firstSeen, lastSeen, total
      FROM (
        SELECT key, sum(tags) AS tags, min(first_at) AS firstSeen, max(last_at) AS lastSeen,
          count(*) OVER () AS total
        FROM (${source.sql}) WHERE key IS NOT NULL GROUP BY key HAVING sum(tags) > 0
        ORDER BY tags DESC, firstSeen, key LIMIT ?
      ) ORDER BY tags DESC, firstSeen, key`,
  ).all<Row>(...source.values, limit);
  return {
    rows: rows.map(({ total: _, ip, ...row }) => ({ ...row, ...(ip !== null && { ip }) })),
    total: rows[0]?.total ?? 0,
    cut: !isTold && isMoreThan(store, filter, maxRead),
  };
}

/** How the key of each dimension is shown. */
const NAMES: Readonly<Record<Dimension, { readonly id: string; readonly address: string }>> = {
  attacker: {
    id: "(SELECT uuid FROM attacker WHERE id = key)",
    address: `(SELECT ip FROM address WHERE attacker = key
      ORDER BY current DESC, sighted_at DESC, ip IS NULL, id DESC LIMIT 1)`,
  },
  identity: { id: "(SELECT uuid FROM identity WHERE id = key)", address: "NULL" },
  session: {
    id: "(SELECT session_id FROM session WHERE id = key)",
    address: `(SELECT ip FROM event CROSS JOIN address ON address.id = event.address
      WHERE event.session = key LIMIT 1)`,
  },
  decky: { id: "(SELECT decky_id FROM decky WHERE id = key)", address: "NULL" },
};

/** Whether a filter asks for a span of time alone, or for everything. */
function isOfTime({ since: _since, until: _until, ...others }: TagFilter): boolean {
  return Object.values(others).every((value) => value === undefined);
}

/** The key of a dimension, of an event and its attacker. */
const KEYS: Readonly<Record<Dimension, string>> = {
  attacker: "nullif(address.attacker, 0)",
  identity:
    "(SELECT in_force FROM identity WHERE id = coalesce(event.identity, attacker.identity))",
  session: "event.session",
  decky: "event.decky",
};

/** The rows of a dimension with their totals, and the key that they count for. */
const TOTALS: Readonly<Record<Dimension, readonly TotalsOf[]>> = {
  attacker: [{ rows: "address", key: "nullif(address.attacker, 0)", column: "address" }],
  session: [{ rows: "session", key: "session.id", column: "session" }],
  decky: [{ rows: "decky", key: "decky.id", column: "decky" }],
  identity: [
    { rows: "identity", key: "identity.in_force", column: "identity" },
    {
      rows: `address CROSS JOIN attacker ON attacker.id = address.attacker
        CROSS JOIN identity AS own ON own.id = attacker.identity`,
      key: "own.in_force",
      column: "address",
    },
  ],
};

interface TotalsOf {
  readonly rows: string;
  readonly key: string;
  /** Of `event`; also the name of the table that has the totals. */
  readonly column: string;
}

/** Rows that lie within the span as a whole count by their totals; of others the events are read. */
function fromTotals(dimension: Dimension, { since, until }: TagFilter): Condition {
  const from = since?.toISOString() ?? "";
  const to = until?.toISOString() ?? "~";
  const isWhole = since === undefined && until === undefined;
  const values: Value[] = [];
  const parts: string[] = [];
  for (const { rows, key, column } of TOTALS[dimension]) {
    const total =
      `${column}.tags, ${column}.first_seen AS first_at, ${column}.last_seen AS last_at`;
    if (isWhole) {
      parts.push(`SELECT ${key} AS key, ${total} FROM ${rows} WHERE ${column}.tags > 0`);
      continue;
    }
    const isInside = `(${column}.first_seen >= ? AND ${column}.last_seen < ?)`;
    parts.push(
      `SELECT ${key} AS key, ${total} FROM ${rows} WHERE ${column}.tags > 0 AND ${isInside}`,
      `SELECT ${key}, 1, observed_at, observed_at FROM ${rows}
        CROSS JOIN event ON event.${column} = ${column}.id
          AND event.observed_at >= ? AND event.observed_at < ?
        CROSS JOIN tag ON tag.event = event.id
        WHERE ${column}.first_seen < ? AND ${column}.last_seen >= ? AND NOT ${isInside}`,
    );
    values.push(from, to, from, to, to, from, from, to);
  }
  return { sql: parts.join(" UNION ALL "), values };
}

function fromHours(filter: TagFilter): Condition {
  const { sql, values } = counted(filter);
  return {
    sql: `SELECT nullif(decky, 0) AS key, tags, first_at, last_at FROM (${sql})`,
    values,
  };
}

function fromTags(dimension: Dimension, filter: TagFilter, maxRead: number): Condition {
  const { sql, values } = newest(filter);
  return {
    sql: `SELECT key, 1 AS tags, observed_at AS first_at, observed_at AS last_at FROM (
      SELECT ${KEYS[dimension]} AS key, observed_at FROM ${sql} LIMIT ?)`,
    values: [...values, maxRead],
  };
}

function newest(filter: TagFilter): Condition {
  const { sql, values } = conditionOf(filter);
  return {
    sql: `${tagsOf(filter)} WHERE ${sql} ORDER BY observed_at DESC, event.id DESC`,
    values,
  };
}

function isMoreThan({ database }: Store, filter: TagFilter, count: number): boolean {
  if (count >= Number.MAX_SAFE_INTEGER) return false;
  const { sql, values } = conditionOf(filter);
  const row = database.prepare(
    `SELECT count(*) AS tags FROM (SELECT 1 FROM ${tagsOf(filter)} WHERE ${sql} LIMIT ?)`,
  ).get<{ tags: number }>(...values, count + 1);
  return (row?.tags ?? 0) > count;
}
