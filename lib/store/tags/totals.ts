import type { Database, TransactionMember } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";
import { HOUR_LENGTH } from "./hour.ts";

/** The dimensions with totals, by the column of `event` or `tag` that refers to them. */
const DIMENSIONS = ["sensor", "identity", "address", "session", "decky", "label"] as const;

/** Those whose rows say nothing once no event refers to them. */
const REMOVED_WHEN_EMPTY: readonly string[] = ["session", "decky"];

/** The last ids that were ever given. */
export interface LastIds {
  readonly tag: number;
  readonly event: number;
}

/** Tags that the totals do not include yet, with their events. */
const UNCOUNTED = `tag CROSS JOIN event ON event.id = tag.event
  WHERE tag.id > (SELECT tag FROM tag_counted)`;

/** Tags of events whose ids are listed in JSON. */
const LISTED = `json_each(?1) AS listed CROSS JOIN event ON event.id = listed.value
  CROSS JOIN tag ON tag.event = event.id WHERE TRUE`;

const HOURLY_CELLS = `substr(observed_at, 1, ${HOUR_LENGTH}) AS hour, coalesce(decky, 0) AS decky,
  label, confidence, count(*), min(observed_at), max(observed_at)`;

/**
 * Keeps the totals of the dimensions and `tag_hourly`. Nothing is gathered in
 * memory: at the end of a transaction SQL counts the rows beyond `tag_counted`,
 * which is rolled back together with them.
 */
export class Totals implements TransactionMember {
  readonly #lastIds: Statement;
  readonly #count: readonly Statement[];
  readonly #subtract: readonly Statement[];
  readonly #affected: ReadonlyMap<string, Statement>;
  readonly #bounds: readonly (readonly [string, Statement])[];
  readonly #dropEmpty: readonly (readonly [string, Statement])[];
  readonly #hours: Statement;
  readonly #dropHour: Statement;
  readonly #recountHour: Statement;
  readonly #takeFromHour: Statement;
  readonly #dropEmptyCell: Statement;
  readonly #addToHour: Statement;
  #isDirty = false;

  constructor(database: Database) {
    this.#lastIds = database.prepare(
      `SELECT max(tag, coalesce((SELECT max(id) FROM tag), 0)) AS tag,
        max(event, coalesce((SELECT max(id) FROM event), 0)) AS event FROM tag_counted`,
    );
    this.#count = [
      ...DIMENSIONS.map((dimension) =>
        `UPDATE ${dimension} SET events = events + new_events, tags = tags + new_tags,
          first_seen = min(coalesce(first_seen, first), first),
          last_seen = max(coalesce(last_seen, last), last)
        FROM (
          SELECT ${dimension} AS key, count(*) AS new_tags, min(observed_at) AS first,
            max(observed_at) AS last, count(DISTINCT
              CASE WHEN event.id > (SELECT event FROM tag_counted) THEN event.id END) AS new_events
          FROM ${UNCOUNTED} AND ${dimension} IS NOT NULL GROUP BY +${dimension}
        ) AS added WHERE ${dimension}.id = added.key`
      ),
      `INSERT INTO tag_hourly
        SELECT ${HOURLY_CELLS} FROM ${UNCOUNTED} GROUP BY 1, 2, 3, 4
        ON CONFLICT DO UPDATE SET tags = tags + excluded.tags,
          first_seen = min(first_seen, excluded.first_seen),
          last_seen = max(last_seen, excluded.last_seen)`,
      `UPDATE tag_counted SET tag = max(tag, (SELECT coalesce(max(id), 0) FROM tag)),
        event = max(event, (SELECT coalesce(max(id), 0) FROM event))`,
    ].map((sql) => database.prepare(sql));
    this.#subtract = DIMENSIONS.map((dimension) =>
      database.prepare(
        `UPDATE ${dimension} SET events = events - old_events, tags = tags - old_tags
        FROM (SELECT ${dimension} AS key, count(*) AS old_tags, count(DISTINCT event.id) AS old_events
          FROM ${LISTED} GROUP BY +${dimension}) AS gone WHERE ${dimension}.id = gone.key`,
      )
    );
    this.#affected = new Map(DIMENSIONS.map((dimension) => [
      dimension,
      database.prepare(
        `SELECT json_group_array(DISTINCT ${dimension}) AS ids FROM ${LISTED}
          AND ${dimension} IS NOT NULL`,
      ),
    ]));
    this.#bounds = DIMENSIONS.map((dimension) => [
      dimension,
      database.prepare(
        `UPDATE ${dimension} SET first_seen = ${boundOf(dimension, "min")},
          last_seen = ${boundOf(dimension, "max")}
        WHERE id IN (SELECT value FROM json_each(?))`,
      ),
    ]);
    this.#dropEmpty = REMOVED_WHEN_EMPTY.map((dimension) => [
      dimension,
      database.prepare(
        `DELETE FROM ${dimension} WHERE tags = 0 AND id IN (SELECT value FROM json_each(?))`,
      ),
    ]);
    this.#hours = database.prepare(
      `SELECT DISTINCT substr(observed_at, 1, ${HOUR_LENGTH}) AS hour FROM event
        WHERE id IN (SELECT value FROM json_each(?))`,
    );
    this.#dropHour = database.prepare("DELETE FROM tag_hourly WHERE hour = ?");
    this.#recountHour = database.prepare(
      `INSERT INTO tag_hourly SELECT ${HOURLY_CELLS}
        FROM event CROSS JOIN tag ON tag.event = event.id
        WHERE observed_at >= ?1 AND observed_at < ?1 || '~' GROUP BY 1, 2, 3, 4`,
    );
    this.#takeFromHour = database.prepare(
      `UPDATE tag_hourly SET tags = tags - 1
        WHERE hour = ? AND decky = ? AND label = ? AND confidence = ? RETURNING tags`,
    );
    this.#dropEmptyCell = database.prepare(
      "DELETE FROM tag_hourly WHERE hour = ? AND decky = ? AND label = ? AND confidence = ?",
    );
    this.#addToHour = database.prepare(
      `INSERT INTO tag_hourly VALUES (?, ?, ?, ?, 1, ?5, ?5)
        ON CONFLICT DO UPDATE SET tags = tags + 1, first_seen = min(first_seen, ?5),
          last_seen = max(last_seen, ?5)`,
    );
    database.join(this);
  }

  /** The ids after which new rows are numbered: none is ever given twice, so that who follows misses none. */
  lastIds(): LastIds {
    return this.#lastIds.get<LastIds>()!;
  }

  /** Says that rows were added. Only inside a transaction. */
  added(): void {
    this.#isDirty = true;
  }

  /** Counts in what was added since the last time. Only inside a transaction. */
  count(): void {
    if (!this.#isDirty) return;
    for (const statement of this.#count) statement.run();
    this.#isDirty = false;
  }

  /** Moves one tag, which is counted already, from one confidence to another. */
  move(
    tag: { readonly decky: number | null; readonly label: number; readonly observed_at: string },
    from: number,
    to: number,
  ): void {
    const cell = [tag.observed_at.slice(0, HOUR_LENGTH), tag.decky ?? 0, tag.label] as const;
    const left = this.#takeFromHour.get<{ tags: number }>(...cell, from);
    if (left?.tags === 0) this.#dropEmptyCell.run(...cell, from);
    this.#addToHour.run(...cell, to, tag.observed_at);
  }

  /**
   * Takes events and their tags out of the totals.
   *
   * @param events their ids as JSON
   * @param remove deletes their rows
   */
  takeOut(events: string, remove: () => void): void {
    this.count();
    const hours = this.#hours.all<{ hour: string }>(events);
    const affected = new Map(
      Array.from(this.#affected, ([name, ids]) => [name, ids.get<{ ids: string }>(events)!.ids]),
    );
    for (const statement of this.#subtract) statement.run(events);
    remove();
    for (const { hour } of hours) {
      this.#dropHour.run(hour);
      this.#recountHour.run(hour);
    }
    for (const [dimension, statement] of [...this.#bounds, ...this.#dropEmpty]) {
      statement.run(affected.get(dimension)!);
    }
  }

  /** @inheritdoc */
  committing(): void {
    this.count();
  }

  /** What is left of the transaction may not be counted any more. */
  undone(): void {
    this.#isDirty = true;
  }
}

/** The first or last time of what is left of a dimension's row. */
function boundOf(dimension: string, bound: "min" | "max"): string {
  if (dimension !== "label") {
    return `(SELECT ${bound}(observed_at) FROM event WHERE event.${dimension} = ${dimension}.id)`;
  }
  const [column, order] = bound === "min" ? ["first_seen", "ASC"] : ["last_seen", "DESC"];
  // Labels have too many events; the first or last hour that has one is found soon.
  return `(SELECT ${bound}(cell.${column}) FROM tag_hourly AS cell WHERE cell.label = label.id
    AND cell.hour = (SELECT hour FROM tag_hourly WHERE tag_hourly.label = label.id
      ORDER BY hour ${order} LIMIT 1))`;
}
