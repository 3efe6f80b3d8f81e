import type { Database, TransactionMember } from "../sqlite/database.ts";
import { nameHash } from "./name_hash.ts";
import type { DeckySums } from "./decky_sums.ts";
import { type FreshOrigin, FreshOrigins } from "./fresh_origins.ts";
import { IS_PART, NAME_KINDS, type Settled, Settling, WHOLE } from "./settling.ts";
import type { Statement } from "../sqlite/statement.ts";

/**
 * Origins whose names are not in the index yet at most, and their tags: as many
 * are remembered here, and read as a whole by whoever looks for a name. At four
 * times as many as 8,192 a tag among three million takes a fifth less of the
 * processor, since each page of the index is written for more of them.
 */
const MAX_FRESH_ORIGINS = 32_768;
const MAX_FRESH_TAGS = 131_072;

/** Labels come back after few tags, so that waiting for more of them gains nothing. */
const MAX_FRESH_LABELS = 8192;

interface Level {
  /** How many origins were remembered. */
  readonly fresh: number;
  /** Last tag of all. */
  readonly last: number;
}

/**
 * Knows where the tags of a source are, so that none is written twice. What the
 * indexes do not hold yet is remembered in memory, what other processes write
 * too, and settled when there is much of it.
 */
export class KnownSources implements TransactionMember {
  readonly #settling: Settling;
  readonly #inIndex: Statement;
  readonly #partInIndex: Statement;
  readonly #newest: Statement;
  readonly #since: Statement;
  readonly #anyPart: Statement;
  readonly #anyPartOf: Statement;
  /** In the order of the origins. */
  readonly #fresh = new FreshOrigins();
  /** What was known when each transaction that is under way began. */
  #levels: Level[] = [];
  #isCurrent = false;
  /** Whether any origin may be of one part of a source alone. */
  #hasParts = false;
  /** Sources of which that is so, by their hashes, as far as it is not in the index. */
  readonly #wholes = new Set<number>();
  /** Last tag of all. */
  #last = 0;
  /** Last tags that the indexes hold. */
  #settled: Settled = { names: 0, labels: 0 };

  /** @param deckies sums that are brought up to date together with the index */
  constructor(database: Database, deckies: DeckySums) {
    this.#settling = new Settling(database, deckies);
    const { source, sessionSource, sessionAgain, part, whole } = NAME_KINDS;
    this.#inIndex = database.prepare(
      `SELECT origin FROM tag_name
        WHERE kind IN (${source}, ${sessionSource}, ${sessionAgain}) AND hash = ?`,
    );
    this.#partInIndex = database.prepare(
      `SELECT origin FROM tag_name WHERE kind = ${part} AND hash = ?`,
    );
    this.#anyPart = database.prepare(`SELECT 1 FROM tag_name WHERE kind = ${whole} LIMIT 1`);
    this.#anyPartOf = database.prepare(
      `SELECT 1 FROM tag_name WHERE kind = ${whole} AND hash = ? LIMIT 1`,
    );
    this.#newest = database.prepare(
      "SELECT id, last_tag AS last FROM tag_origin ORDER BY id DESC LIMIT 1",
    );
    // The runtime reads a text up to its first NUL, so that SQL must say what is in one.
    this.#since = database.prepare(
      `SELECT id AS origin, name_hash(source) AS hash,
          CASE WHEN ${IS_PART} THEN name_hash(${WHOLE}) END AS whole
        FROM tag_origin WHERE id > ? ORDER BY id`,
    );
    database.join(this);
  }

  /** Whether parts of a source may have origins of their own. Only inside a transaction. */
  hasParts(source: string): boolean {
    this.#follow();
    if (!this.#hasParts) return false;
    const hash = nameHash(source);
    return this.#wholes.has(hash) || this.#anyPartOf.get(hash) !== undefined;
  }

  /**
   * Origins that may be of a source, or of a part of one: whoever uses them
   * compares their names. Only inside a transaction.
   */
  originsOf(source: string): readonly number[] {
    this.#follow();
    const hash = nameHash(source);
    const inIndex = source.includes("#") ? this.#partInIndex : this.#inIndex;
    const settled = inIndex.all<{ origin: number }>(hash);
    const fresh = this.#fresh.of(hash);
    return settled.length === 0 ? fresh : [...settled.map(({ origin }) => origin), ...fresh];
  }

  /**
   * Gives ids to the tags of an origin that is about to be written.
   *
   * @param tags how many
   * @returns the first id, which is the origin's too
   */
  take(source: string, tags: number): number {
    this.#follow();
    const origin = Math.max(this.#last, this.#settled.names) + 1;
    this.#last = origin + tags - 1;
    const sign = source.indexOf("#");
    const whole = sign < 0 ? null : nameHash(source.slice(0, sign));
    this.#remember({ hash: nameHash(source), origin, whole });
    return origin;
  }

  /** Brings the indexes up to date now; afterwards no id of a tag that is there is ever given again. */
  settle(): void {
    this.#follow();
    this.#settling.settleNames(this.#last);
    this.#settling.settleLabels(this.#last);
  }

  /** @inheritdoc */
  begun(): void {
    if (this.#levels.length === 0) this.#isCurrent = false;
    this.#levels.push({ fresh: this.#fresh.size, last: this.#last });
  }

  /** @inheritdoc */
  kept(): void {
    this.#levels.pop();
  }

  /** @inheritdoc */
  undone(): void {
    const { fresh, last } = this.#levels.pop() ?? { fresh: 0, last: 0 };
    this.#fresh.cutTo(fresh);
    this.#last = last;
  }

  /** @inheritdoc */
  committing(): void {
    if (!this.#isCurrent) return;
    const { names, labels } = this.#settled;
    const areNamesDue = this.#fresh.size >= MAX_FRESH_ORIGINS ||
      this.#last - names >= MAX_FRESH_TAGS;
    // The index of labels is never behind that of names, whose sums refer to it.
    if (areNamesDue || this.#last - labels >= MAX_FRESH_LABELS) {
      this.#settling.settleLabels(this.#last);
    }
    if (areNamesDue) this.#settling.settleNames(this.#last);
  }

  /** @inheritdoc */
  committed(): void {
    this.#levels.pop();
  }

  /** Learns what other processes have done since the last transaction. */
  #follow(): void {
    if (this.#isCurrent) return;
    const { id, last } = this.#newest.get<{ id: number; last: number }>() ?? { id: 0, last: 0 };
    this.#last = last;
    const before = this.#settled.names;
    this.#settled = this.#settling.settled;
    const { names } = this.#settled;
    if (names > before) this.#forgetSettled(names);
    const seen = this.#fresh.last ?? names;
    if (id > seen) {
      for (const fresh of this.#since.all<FreshOrigin>(seen)) this.#remember(fresh);
    }
    this.#hasParts ||= this.#anyPart.get() !== undefined;
    // Nothing of this transaction is among them yet: it is here that it begins to write.
    this.#levels = this.#levels.map(() => ({ fresh: this.#fresh.size, last }));
    this.#isCurrent = true;
  }

  #remember(fresh: FreshOrigin): void {
    if (fresh.whole !== null) {
      this.#hasParts = true;
      this.#wholes.add(fresh.whole);
    }
    this.#fresh.add(fresh);
  }

  #forgetSettled(upto: number): void {
    const left = this.#fresh.takeBeyond(upto);
    this.#wholes.clear();
    for (const fresh of left) this.#remember(fresh);
  }
}
