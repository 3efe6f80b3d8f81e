import type { Statement, Value } from "../sqlite/statement.ts";
import type { Store } from "../store.ts";
import { TAG_COLUMNS, type TagRow, TAGS_BY_TAG } from "../tags/tag_row.ts";
import type { TechniqueSummary } from "./summaries.ts";
import { conditionOf, type TagFilter } from "./tag_filter.ts";

/** Tags of one technique that are taken at most, newest first. */
const MAX_OF_TECHNIQUE = 200;

/** Tags of one label that are looked at for them at most. */
const MAX_READ_OF_LABEL = 5_000;

/** Finds the newest tags of techniques by their labels, in bounded time however many there are. */
export class NewestOfTechniques {
  readonly #labels: Statement;
  readonly #rows: Statement;
  readonly #values: readonly Value[];
  /** Only tags of smaller ids are meant; those that were observed later are left out all the same. */
  readonly #before: number;

  /**
   * @param store database, seen at one moment
   * @param filter which tags are meant
   */
  constructor({ database }: Store, filter: TagFilter) {
    const { until } = filter;
    // Ids grow with the time of writing: what was observed before a time is found near to these.
    const last = until === undefined ? undefined : database.prepare(
      `SELECT max(tag.id) AS id FROM (
          SELECT id FROM event WHERE observed_at < ? ORDER BY observed_at DESC LIMIT 100
        ) AS event CROSS JOIN tag ON tag.event = event.id`,
    ).get<{ id: number | null }>(until.toISOString())?.id;
    this.#before = last === undefined || last === null ? Number.MAX_SAFE_INTEGER : last + 1;
    this.#labels = database.prepare(
      `SELECT id FROM label
        WHERE tactic = ? AND technique_id = ? AND sub_technique_id IS ? AND attack_release = ?`,
    );
    const { sql, values } = conditionOf(filter);
    this.#values = values;
    this.#rows = database.prepare(
      `SELECT tag.id AS row, ${TAG_COLUMNS} FROM (
          SELECT id FROM tag WHERE label = ? AND id < ? ORDER BY id DESC LIMIT ${MAX_READ_OF_LABEL}
        ) AS listed CROSS JOIN ${TAGS_BY_TAG}
        WHERE tag.id = listed.id AND ${sql} LIMIT ${MAX_OF_TECHNIQUE}`,
    );
  }

  /** Of the newest tags of a technique those that the filter means. */
  of({ tactic, techniqueId, subTechniqueId, attackRelease }: TechniqueSummary): readonly TagRow[] {
    const labels = this.#labels
      .all<{ id: number }>(tactic, techniqueId, subTechniqueId ?? null, attackRelease);
    return labels
      .flatMap(({ id }) =>
        this.#rows.all<TagRow & { readonly row: number }>(id, this.#before, ...this.#values)
      )
      .sort((a, b) => b.row - a.row).slice(0, MAX_OF_TECHNIQUE);
  }
}
