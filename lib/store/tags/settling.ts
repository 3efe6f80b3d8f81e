import type { Database } from "../sqlite/database.ts";
import { DeckySums } from "./decky_sums.ts";
import type { Statement } from "../sqlite/statement.ts";

/** What a row of `tag_name` is the name of. */
export const NAME_KINDS = {
  /** A source that is not the session too. */
  source: 0,
  attacker: 1,
  identity: 2,
  /** A session that is not the source too. */
  session: 3,
  decky: 4,
  /** A source that is the session too, by the first that was written of it: the most of them. */
  sessionSource: 5,
  /** One part of a source that has many, with its `#`. */
  part: 6,
  /** The source that such a part is of. */
  whole: 7,
  /** A source that is the session too, by what was written of it later. */
  sessionAgain: 8,
} as const;

/** The last tag whose names the index holds, as SQL. */
export const NAMES_SETTLED = "(SELECT names FROM tag_settled)";

/** The last tag whose label and uuid the indexes hold, as SQL. */
export const LABELS_SETTLED = "(SELECT labels FROM tag_settled)";

/** Whether an origin is of one part of a source alone, as SQL over `tag_origin`. */
export const IS_PART = "instr(source, '#') > 0";

/** The source that such a part is of, cut as bytes since `substr()` of a text ends at a NUL. */
export const WHOLE =
  "CAST(substr(CAST(source AS BLOB), 1, instr(CAST(source AS BLOB), x'23') - 1) AS TEXT)";

/**
 * The rows of `tag_name` that origins have.
 *
 * @param which condition of SQL over `tag_origin`
 */
export function namesOf(which: string): string {
  const { source, attacker, identity, session, decky, part, whole } = NAME_KINDS;
  const { sessionSource, sessionAgain } = NAME_KINDS;
  const kinds = [
    [
      `CASE WHEN ${IS_PART} THEN ${part}
        WHEN session_id IS NOT source THEN ${source}
        WHEN is_again THEN ${sessionAgain} ELSE ${sessionSource} END`,
      "source",
      "TRUE",
    ],
    [whole, WHOLE, IS_PART],
    [attacker, "attacker_uuid", "attacker_uuid IS NOT NULL"],
    [identity, "identity_uuid", "identity_uuid IS NOT NULL"],
    [
      session,
      "session_id",
      `session_id IS NOT NULL AND (session_id IS NOT source OR ${IS_PART})`,
    ],
    [decky, "decky_id", "decky_id IS NOT NULL"],
  ];
  return kinds.map(([kind, name, present]) =>
    `SELECT ${kind} AS kind, name_hash(${name}) AS hash, id AS origin, last_tag - id + 1 AS tags
      FROM tag_origin WHERE ${which} AND ${present}`
  ).join(" UNION ALL ");
}

/**
 * Origins that may name somebody or something, as a list for SQL: those that the
 * index finds, and all that are newer than it. Takes the name once.
 *
 * @param kinds one or two of `NAME_KINDS`
 */
export function originsNaming(...kinds: readonly number[]): string {
  return `(SELECT origin FROM tag_name WHERE kind IN (${kinds.join(", ")}) AND hash = name_hash(?)
    UNION ALL SELECT id FROM tag_origin WHERE id > ${NAMES_SETTLED})`;
}

/** The first four bytes of a uuid, as SQL; of what is no uuid, its first four characters. */
export function beginningOf(uuid: string): string {
  return `coalesce(unhex(substr(${uuid}, 1, 8)), CAST(substr(${uuid}, 1, 4) AS BLOB))`;
}

/** The last tags that the indexes hold. */
export interface Settled {
  readonly names: number;
  readonly labels: number;
}

/**
 * Brings the indexes of the tags up to date, for many tags at a time and in the
 * order of the indexes: tags land at random places of them, and a page that is
 * written once for a hundred tags costs a hundredth.
 */
export class Settling {
  readonly #settled: Statement;
  readonly #names: Statement;
  readonly #labels: Statement;
  readonly #digest: Statement;
  readonly #moveNames: Statement;
  readonly #moveLabels: Statement;
  readonly #deckies: DeckySums;

  /** @param deckies sums that are brought up to date together with the names */
  constructor(database: Database, deckies: DeckySums = new DeckySums(database)) {
    this.#deckies = deckies;
    this.#settled = database.prepare("SELECT names, labels FROM tag_settled");
    this.#names = database.prepare(
      `INSERT INTO tag_name (kind, hash, origin, tags)
        SELECT * FROM (${namesOf("id > ?1 AND id <= ?2")}) ORDER BY 1, 2, 3`,
    );
    this.#labels = database.prepare(
      `INSERT INTO tag_of_label (label, tag)
        SELECT label, id FROM tag WHERE id > ?1 AND id <= ?2 ORDER BY 1, 2`,
    );
    this.#digest = database.prepare(
      `INSERT INTO tag_digest (first_tag, last_tag, beginnings)
        SELECT min(id), max(id), CAST(group_concat(${beginningOf("uuid")}, '') AS BLOB)
        FROM tag WHERE id > ?1 AND id <= ?2 HAVING count(*) > 0`,
    );
    this.#moveNames = database.prepare("UPDATE tag_settled SET names = ?");
    this.#moveLabels = database.prepare("UPDATE tag_settled SET labels = ?");
  }

  /** The last tags that the indexes hold. */
  get settled(): Settled {
    return this.#settled.get<Settled>()!;
  }

  /**
   * Brings the index of names and the sums of deckies up to date; inside the
   * caller's transaction.
   *
   * @param upto last tag of an origin
   */
  settleNames(upto: number): void {
    const { names } = this.settled;
    if (upto <= names) return;
    this.#names.run(names, upto);
    this.#deckies.settle(names, upto);
    this.#moveNames.run(upto);
  }

  /**
   * Brings the indexes of labels and uuids up to date; inside the caller's transaction.
   *
   * @param upto last tag of an origin
   */
  settleLabels(upto: number): void {
    const { labels } = this.settled;
    if (upto <= labels) return;
    this.#labels.run(labels, upto);
    this.#digest.run(labels, upto);
    this.#moveLabels.run(upto);
  }
}
