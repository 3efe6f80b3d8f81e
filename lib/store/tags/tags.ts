import type { Bump, Tag } from "../../tagging/tag.ts";
import type { Database } from "../sqlite/database.ts";
import { DeckySums } from "./decky_sums.ts";
import { StoreError } from "../sqlite/errors.ts";
import { HourlySums } from "./hourly.ts";
import { KnownSources } from "./known_sources.ts";
import { LabelTable } from "./labels.ts";
import { beginningOf, NAME_KINDS, originsNaming } from "./settling.ts";
import type { Statement } from "../sqlite/statement.ts";
import { TagRemoval } from "./tag_removal.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow } from "./tag_row.ts";

interface BumpRow {
  readonly tag: number;
  readonly label: number;
  readonly confidence: number;
  readonly origin: number;
  readonly created_at: string;
}

/**
 * Origins of one source that are kept under its name, and their tags: as many are
 * read again whenever something comes of it. Its further parts have origins of
 * their own, so that a session of ten thousand commands does not cost the square
 * of that.
 */
const MAX_ORIGINS_OF_SOURCE = 16;
const MAX_TAGS_OF_SOURCE = 256;

/**
 * The tags, as the view `ttp_tag` shows them: each is a row of `tag`, which is
 * one of an origin, by a label. Rows are written at the end of the tables alone,
 * and the indexes later, for many at a time.
 */
export class TagTable {
  readonly #database: Database;
  readonly #hourly: HourlySums;
  readonly #deckies: DeckySums;
  readonly #labels: LabelTable;
  readonly #sources: KnownSources;
  readonly #addOrigin: Statement;
  readonly #addTag: Statement;
  readonly #uuidsOf: Statement;
  readonly #get: Statement;
  readonly #count: Statement;
  readonly #byTactic: Statement;
  readonly #bumpable: Statement;
  readonly #markBumped: Statement;
  readonly #raise: Statement;
  readonly #removal: TagRemoval;

  constructor(database: Database) {
    this.#database = database;
    this.#hourly = new HourlySums(database);
    this.#labels = new LabelTable(database);
    this.#deckies = new DeckySums(database);
    this.#sources = new KnownSources(database, this.#deckies);
    this.#addOrigin = database.prepare(
      `INSERT INTO tag_origin (id, last_tag, is_again, source, attacker_uuid, identity_uuid,
        session_id, decky_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addTag = database.prepare(
      `INSERT INTO tag (id, label, uuid, source_rest, confidence, evidence)
        VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#uuidsOf = database.prepare(
      `SELECT uuid FROM tag_origin AS origin
        CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
        WHERE origin.id = ? AND source = ?`,
    );
    // The plus keeps SQLite from making an index of all uuids for one of them.
    this.#get = database.prepare(
      `SELECT ${TAG_COLUMNS} FROM (
          SELECT first_tag AS first, last_tag AS last FROM tag_digest
          WHERE instr(beginnings, ${beginningOf("?1")}) > 0
          UNION ALL SELECT labels + 1, ${Number.MAX_SAFE_INTEGER} FROM tag_settled
        ) AS part
        CROSS JOIN tag ON tag.id BETWEEN part.first AND part.last AND +uuid = ?1
        CROSS JOIN tag_origin AS origin
          ON origin.id = (SELECT max(id) FROM tag_origin WHERE id <= tag.id)
        CROSS JOIN tag_label AS label ON label.id = tag.label LIMIT 1`,
    );
    this.#count = database.prepare("SELECT coalesce(sum(tags), 0) AS tags FROM label_hourly");
    this.#byTactic = database.prepare(
      "SELECT tactic, sum(tags) AS tags FROM tag_hourly GROUP BY tactic ORDER BY tactic",
    );
    const { attacker } = NAME_KINDS;
    this.#bumpable = database.prepare(
      `SELECT tag.id AS tag, label, confidence, origin.id AS origin, created_at
        FROM tag_origin AS origin CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
        WHERE origin.id IN ${originsNaming(attacker)} AND attacker_uuid = ? AND confidence < ?
          AND NOT EXISTS (
            SELECT 1 FROM tag_bump WHERE tag_bump.tag = tag.id AND tag_bump.rule_id = ?)`,
    );
    this.#markBumped = database.prepare("INSERT INTO tag_bump (tag, rule_id) VALUES (?, ?)");
    this.#raise = database.prepare("UPDATE tag SET confidence = ? WHERE id = ?");
    this.#removal = new TagRemoval(database, this.#sources, this.#hourly, this.#deckies);
  }

  /**
   * Adds tags; those that are there already are left as they are.
   *
   * @param createdAt when they are written
   * @returns the tags that were really added
   * @throws {StoreError} `anchor` for a tag that belongs to nobody, before anything is written
   */
  insert(tags: readonly Tag[], createdAt: Date): readonly Tag[] {
    for (const tag of tags) requireAnchor(tag);
    const at = createdAt.toISOString();
    return this.#database.together(() => {
      const source = commonSourceOf(tags);
      if (source !== undefined) return this.#addOf(source, tags, at);
      const added = new Set<string>();
      for (const [source, some] of bySource(tags)) {
        for (const { uuid } of this.#addOf(source, some, at)) added.add(uuid);
      }
      return added.size === tags.length ? tags : tags.filter(({ uuid }) => added.delete(uuid));
    });
  }

  /** Adds those of one source that are not written yet, each uuid once. */
  #addOf(source: string, tags: readonly Tag[], at: string): readonly Tag[] {
    const known = new Set<string>();
    const origins = this.#learn(source, known);
    const ofSource = known.size;
    const parts = new Set(tags.map(({ sourceId }) => sourceId));
    parts.delete(source);
    if (parts.size > 0 && this.#sources.hasParts(source)) {
      for (const part of parts) this.#learn(part, known);
    }
    const fresh = tags.filter(({ uuid }) => {
      const before = known.size;
      return known.add(uuid).size > before;
    });
    const isCrowded = origins >= MAX_ORIGINS_OF_SOURCE ||
      ofSource + fresh.length > MAX_TAGS_OF_SOURCE;
    const named = isCrowded
      ? Map.groupBy(fresh, ({ sourceId }) => sourceId)
      : [[source, fresh] as const];
    let isAgain = origins > 0;
    for (const [name, some] of named) {
      for (const same of byOwner(some)) {
        this.#write(name, isAgain || name !== source, same, at);
        if (name === source) isAgain = true;
      }
    }
    return fresh;
  }

  /** Notes the uuids of a source, or of a part of one, and says how many origins it may have. */
  #learn(source: string, known: Set<string>): number {
    const origins = this.#sources.originsOf(source);
    for (const origin of origins) {
      for (const { uuid } of this.#uuidsOf.all<{ uuid: string }>(origin, source)) known.add(uuid);
    }
    return origins.length;
  }

  #write(source: string, isAgain: boolean, tags: readonly Tag[], at: string): void {
    const { attackerUuid, identityUuid, sessionId, deckyId } = tags[0]!;
    const origin = this.#sources.take(source, tags.length);
    this.#addOrigin.run(
      ...[origin, origin + tags.length - 1, isAgain ? 1 : 0, source],
      ...[attackerUuid ?? null, identityUuid ?? null, sessionId ?? null, deckyId ?? null, at],
    );
    for (const [index, tag] of tags.entries()) {
      const label = this.#labels.idOf(tag);
      this.#addTag.run(
        origin + index,
        label,
        tag.uuid,
        tag.sourceId.slice(source.length),
        tag.confidence,
        JSON.stringify(tag.evidence),
      );
      this.#hourly.count(label, tag.confidence, at, 1);
      this.#deckies.count(deckyId, label, tag.confidence, origin + index);
    }
  }

  /** One tag, if there is one of that uuid. */
  get(uuid: string): StoredTag | undefined {
    const row = this.#get.get<TagRow>(uuid);
    return row === undefined ? undefined : tagOf(row);
  }

  /** Tags in the table. */
  count(): number {
    return this.#count.get<{ tags: number }>()?.tags ?? 0;
  }

  /** Tags by tactic id, in the order of the ids. */
  countByTactic(): ReadonlyMap<string, number> {
    const rows = this.#byTactic.all<{ tactic: string; tags: number }>();
    return new Map(rows.map(({ tactic, tags }) => [tactic, tags]));
  }

  /**
   * Raises the confidence of an attacker's tags, each once for a rule. Doing it
   * again raises only tags that have come since.
   *
   * @returns tags that were raised
   */
  bump({ ruleId, attackerUuid, by, ceiling }: Bump): number {
    return this.#database.together(() => {
      const rows = this.#bumpable.all<BumpRow>(attackerUuid, attackerUuid, ceiling, ruleId);
      for (const { tag, label, confidence, origin, created_at } of rows) {
        // Without rounding, 0.1 + 0.05 is not the 0.15 that people filter by.
        const raised = Math.min(ceiling, Math.round((confidence + by) * 10_000) / 10_000);
        this.#markBumped.run(tag, ruleId);
        this.#raise.run(raised, tag);
        this.#hourly.count(label, confidence, created_at, -1);
        this.#hourly.count(label, raised, created_at, 1);
        this.#deckies.raise({ tag, origin, label, from: confidence, to: raised });
      }
      return rows.length;
    });
  }

  /**
   * Deletes one chunk of the tags written before a time, oldest first. What was
   * written together goes together.
   *
   * @param limit at most so many, unless more were written together
   * @returns how many; 0 when none are left
   */
  prune({ olderThan, limit }: { readonly olderThan: Date; readonly limit: number }): number {
    return this.#removal.ofOldest(olderThan, limit);
  }

  /** Deletes all tags of an attacker and says how many there were. */
  forget(attackerUuid: string): number {
    return this.#removal.ofAttacker(attackerUuid);
  }
}

/** The part of a source id that all parts of one source have in common, as SQLite keeps it. */
function sourceOf(sourceId: string): string {
  const end = sourceId.indexOf("#");
  return (end < 0 ? sourceId : sourceId.slice(0, end)).toWellFormed();
}

/** The source of all tags, which is the rule: an event is about one. */
function commonSourceOf(tags: readonly Tag[]): string | undefined {
  if (tags.length === 0) return undefined;
  const source = sourceOf(tags[0]!.sourceId);
  const isOf = ({ sourceId }: Tag): boolean =>
    sourceId.startsWith(source) &&
    (sourceId.length === source.length || sourceId[source.length] === "#");
  return tags.every(isOf) ? source : undefined;
}

function bySource(tags: readonly Tag[]): ReadonlyMap<string, readonly Tag[]> {
  return Map.groupBy(tags, ({ sourceId }) => sourceOf(sourceId));
}

/** Runs of tags that belong to the same attacker, identity, session and decky. */
function* byOwner(tags: readonly Tag[]): Generator<readonly Tag[]> {
  let start = 0;
  for (let end = 1; end <= tags.length; end++) {
    if (end < tags.length && haveSameOwner(tags[start]!, tags[end]!)) continue;
    yield tags.slice(start, end);
    start = end;
  }
}

function haveSameOwner(a: Tag, b: Tag): boolean {
  return a.attackerUuid === b.attackerUuid && a.identityUuid === b.identityUuid &&
    a.sessionId === b.sessionId && a.deckyId === b.deckyId;
}

function requireAnchor(tag: Tag): void {
  if (tag.attackerUuid !== undefined || tag.identityUuid !== undefined) return;
  throw new StoreError(
    "anchor",
    `tag ${tag.uuid} of rule ${tag.ruleId} has neither attacker_uuid nor identity_uuid; ` +
      "one of them must be set",
  );
}
