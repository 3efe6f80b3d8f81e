import { LABELS_SETTLED } from "../tags/settling.ts";
import type { Statement, Value } from "../sqlite/statement.ts";
import type { Store } from "../store.ts";
import { TAG_COLUMNS, type TagRow } from "../tags/tag_row.ts";
import { rowSpan } from "./row_span.ts";
import type { TechniqueSummary } from "./summaries.ts";
import { conditionOf, type TagFilter } from "./tag_filter.ts";

/** Tags of one technique that are read at most, newest first. */
const MAX_READ_OF_TECHNIQUE = 200;

/** Finds the newest tags of techniques by their labels, in bounded time however many there are. */
export class NewestOfTechniques {
  /** Tags by label that the index does not hold yet, newest first; read once for all techniques. */
  readonly #fresh: ReadonlyMap<number, readonly { readonly id: number }[]>;
  readonly #labels: Statement;
  readonly #settled: Statement;
  readonly #rows: Statement;
  readonly #values: readonly Value[];
  /** Only tags of smaller ids are meant. */
  readonly #before: number;

  /**
   * @param store database, seen at one moment
   * @param filter which tags are meant
   */
  constructor(store: Store, filter: TagFilter) {
    const { database } = store;
    const fresh = database.prepare(
      `SELECT label, id FROM tag WHERE id > ${LABELS_SETTLED} ORDER BY id DESC`,
    ).all<{ label: number; id: number }>();
    this.#fresh = Map.groupBy(fresh, ({ label }) => label);
    this.#before = rowSpan(store, undefined, filter.until).to;
    this.#labels = database.prepare(
      `SELECT id FROM tag_label
        WHERE tactic = ? AND technique_id = ? AND sub_technique_id IS ? AND attack_release = ?`,
    );
    this.#settled = database.prepare(
      "SELECT tag AS id FROM tag_of_label WHERE label = ? AND tag < ? ORDER BY tag DESC LIMIT ?",
    );
    const { sql, values } = conditionOf(filter);
    this.#values = values;
    this.#rows = database.prepare(
      `SELECT ${TAG_COLUMNS} FROM json_each(?) AS listed
          CROSS JOIN tag ON tag.id = listed.value
          CROSS JOIN tag_origin AS origin
            ON origin.id = (SELECT max(id) FROM tag_origin WHERE id <= tag.id)
          CROSS JOIN tag_label AS label ON label.id = tag.label
        WHERE ${sql}`,
    );
  }

  /** Of the newest tags of a technique those that the filter means. */
  of({ tactic, techniqueId, subTechniqueId, attackRelease }: TechniqueSummary): readonly TagRow[] {
    const ids = this.#labels
      .all<{ id: number }>(tactic, techniqueId, subTechniqueId ?? null, attackRelease)
      .flatMap(({ id }) => this.#newest(id))
      .sort((a, b) => b - a).slice(0, MAX_READ_OF_TECHNIQUE);
    return this.#rows.all<TagRow>(JSON.stringify(ids), ...this.#values);
  }

  #newest(label: number): readonly number[] {
    const fresh = (this.#fresh.get(label) ?? []).filter(({ id }) => id < this.#before)
      .slice(0, MAX_READ_OF_TECHNIQUE);
    const left = MAX_READ_OF_TECHNIQUE - fresh.length;
    const settled = left === 0 ? [] : this.#settled.all<{ id: number }>(label, this.#before, left);
    return [...fresh, ...settled].map(({ id }) => id);
  }
}
