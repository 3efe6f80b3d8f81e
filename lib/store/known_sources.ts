import type { Database, TransactionMember } from "./database.ts";
import { nameHash } from "./name_hash.ts";
import { NAME_KINDS, type Settled, Settling } from "./settling.ts";
import type { Statement } from "./statement.ts";

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

interface Fresh {
  readonly hash: number;
  readonly origin: number;
}

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
  readonly #newest: Statement;
  readonly #since: Statement;
  readonly #anyPart: Statement;
  readonly #byHash = new Map<number, number[]>();
  /** In the order of the origins. */
  #fresh: Fresh[] = [];
  /** What was known when each transaction that is under way began. */
  #levels: Level[] = [];
  #isCurrent = false;
  /** Whether any origin may be of one part of a source alone. */
  #hasParts = false;
  /** Last tag of all. */
  #last = 0;
  /** Last tags that the indexes hold. */
  #settled: Settled = { names: 0, labels: 0 };

  constructor(database: Database) {
    this.#settling = new Settling(database);
    const { source, sessionSource, part } = NAME_KINDS;
    this.#inIndex = database.prepare(
      `SELECT origin FROM tag_name
        WHERE kind IN (${source}, ${sessionSource}, ${part}) AND hash = ?`,
    );
    this.#anyPart = database.prepare(`SELECT 1 FROM tag_name WHERE kind = ${part} LIMIT 1`);
    this.#newest = database.prepare(
      "SELECT id, last_tag AS last FROM tag_origin ORDER BY id DESC LIMIT 1",
    );
    // The runtime reads a text up to its first NUL, so that SQL must say what is in one.
    this.#since = database.prepare(
      `SELECT id AS origin, name_hash(source) AS hash, instr(source, '#') > 0 AS isPart
        FROM tag_origin WHERE id > ? ORDER BY id`,
    );
    database.join(this);
  }

  /** Whether parts of sources may have origins of their own. Only inside a transaction. */
  get hasParts(): boolean {
    this.#follow();
    return this.#hasParts;
  }

  /**
   * Origins that may be of a source, or of a part of one: whoever uses them
   * compares their names. Only inside a transaction.
   */
  originsOf(source: string): readonly number[] {
    this.#follow();
    const hash = nameHash(source);
    const settled = this.#inIndex.all<{ origin: number }>(hash);
    const fresh = this.#byHash.get(hash) ?? [];
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
    this.#remember({ hash: nameHash(source), origin }, source.includes("#"));
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
    this.#levels.push({ fresh: this.#fresh.length, last: this.#last });
  }

  /** @inheritdoc */
  kept(): void {
    this.#levels.pop();
  }

  /** @inheritdoc */
  undone(): void {
    const { fresh, last } = this.#levels.pop() ?? { fresh: 0, last: 0 };
    for (const { hash } of this.#fresh.splice(fresh)) {
      const origins = this.#byHash.get(hash);
      origins?.pop();
      if (origins?.length === 0) this.#byHash.delete(hash);
    }
    this.#last = last;
  }

  /** @inheritdoc */
  committing(): void {
    if (!this.#isCurrent) return;
    const { names, labels } = this.#settled;
    if (this.#last - labels >= MAX_FRESH_LABELS) this.#settling.settleLabels(this.#last);
    if (this.#fresh.length >= MAX_FRESH_ORIGINS || this.#last - names >= MAX_FRESH_TAGS) {
      this.#settling.settleNames(this.#last);
    }
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
    const seen = this.#fresh.at(-1)?.origin ?? names;
    if (id > seen) {
      for (const { isPart, ...origin } of this.#since.all<Fresh & { isPart: 0 | 1 }>(seen)) {
        this.#remember(origin, isPart === 1);
      }
    }
    this.#hasParts ||= this.#anyPart.get() !== undefined;
    // Nothing of this transaction is among them yet: it is here that it begins to write.
    this.#levels = this.#levels.map(() => ({ fresh: this.#fresh.length, last }));
    this.#isCurrent = true;
  }

  #remember(fresh: Fresh, isPart: boolean): void {
    this.#hasParts ||= isPart;
    this.#fresh.push(fresh);
    const origins = this.#byHash.get(fresh.hash);
    if (origins === undefined) this.#byHash.set(fresh.hash, [fresh.origin]);
    else origins.push(fresh.origin);
  }

  #forgetSettled(upto: number): void {
    const left = this.#fresh.filter(({ origin }) => origin > upto);
    this.#fresh = [];
    this.#byHash.clear();
    for (const fresh of left) this.#remember(fresh, false);
  }
}
