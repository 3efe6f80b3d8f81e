import type { Bump, Tag } from "../tagging/tag.ts";
import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { HourlySums, hourOf } from "./hourly.ts";
import type { Statement } from "./statement.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow } from "./tag_row.ts";

interface BumpRow {
  readonly uuid: string;
  readonly rule_id: string;
  readonly tactic: string;
  readonly technique_id: string;
  readonly sub_technique_id: string | null;
  readonly attack_release: string;
  readonly confidence: number;
  readonly created_at: string;
}

/** The table `ttp_tag`: what was labelled. */
export class TagTable {
  readonly #database: Database;
  readonly #hourly: HourlySums;
  readonly #insert: Statement;
  readonly #get: Statement;
  readonly #count: Statement;
  readonly #byTactic: Statement;
  readonly #bumpable: Statement;
  readonly #markBumped: Statement;
  readonly #raise: Statement;
  readonly #prune: Statement;
  readonly #forget: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#hourly = new HourlySums(database);
    // `changes` tells what RETURNING would, at twice the speed.
    this.#insert = database.prepare(
      `INSERT INTO ttp_tag (${TAG_COLUMNS})
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uuid) DO NOTHING`,
    );
    this.#get = database.prepare(`SELECT ${TAG_COLUMNS} FROM ttp_tag WHERE uuid = ?`);
    this.#count = database.prepare("SELECT coalesce(sum(tags), 0) AS tags FROM tag_hourly");
    this.#byTactic = database.prepare(
      "SELECT tactic, sum(tags) AS tags FROM tag_hourly GROUP BY tactic ORDER BY tactic",
    );
    this.#bumpable = database.prepare(
      `SELECT uuid, rule_id, tactic, technique_id, sub_technique_id, attack_release, confidence,
          created_at
        FROM ttp_tag WHERE attacker_uuid = ? AND confidence < ? AND NOT EXISTS (
          SELECT 1 FROM tag_bump WHERE tag_bump.uuid = ttp_tag.uuid AND tag_bump.rule_id = ?)`,
    );
    this.#markBumped = database.prepare("INSERT INTO tag_bump (uuid, rule_id) VALUES (?, ?)");
    this.#raise = database.prepare("UPDATE ttp_tag SET confidence = ? WHERE uuid = ?");
    this.#prune = database.prepare(
      `DELETE FROM ttp_tag WHERE rowid IN (
          SELECT rowid FROM ttp_tag WHERE created_at < ? ORDER BY created_at LIMIT ?)
        RETURNING created_at`,
    );
    this.#forget = database.prepare(
      "DELETE FROM ttp_tag WHERE attacker_uuid = ? RETURNING created_at",
    );
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
    return this.#database.together(() => tags.filter((tag) => this.#insertOne(tag, at)));
  }

  #insertOne(tag: Tag, at: string): boolean {
    const added = this.#insert.run(
      tag.uuid,
      tag.sourceKind,
      tag.sourceId,
      tag.attackerUuid ?? null,
      tag.identityUuid ?? null,
      tag.sessionId ?? null,
      tag.deckyId ?? null,
      tag.tactic,
      tag.techniqueId,
      tag.subTechniqueId ?? null,
      tag.confidence,
      tag.ruleId,
      tag.ruleVersion,
      JSON.stringify(tag.evidence),
      tag.attackRelease,
      tag.mitreUrl,
      at,
    ) > 0;
    if (added) this.#hourly.count(tag, at, 1);
    return added;
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
      const rows = this.#bumpable.all<BumpRow>(attackerUuid, ceiling, ruleId);
      for (const row of rows) {
        // Without rounding, 0.1 + 0.05 is not the 0.15 that people filter by.
        const raised = Math.min(ceiling, Math.round((row.confidence + by) * 10_000) / 10_000);
        this.#markBumped.run(row.uuid, ruleId);
        this.#raise.run(raised, row.uuid);
        const counted = {
          ruleId: row.rule_id,
          tactic: row.tactic,
          techniqueId: row.technique_id,
          ...(row.sub_technique_id !== null && { subTechniqueId: row.sub_technique_id }),
          attackRelease: row.attack_release,
        };
        this.#hourly.count({ ...counted, confidence: row.confidence }, row.created_at, -1);
        this.#hourly.count({ ...counted, confidence: raised }, row.created_at, 1);
      }
      return rows.length;
    });
  }

  /**
   * Deletes one chunk of the tags written before a time, oldest first.
   *
   * @returns how many; less than the limit when none are left
   */
  prune({ olderThan, limit }: { readonly olderThan: Date; readonly limit: number }): number {
    return this.#delete(() => this.#prune.all(olderThan.toISOString(), limit));
  }

  /** Deletes all tags of an attacker and says how many there were. */
  forget(attackerUuid: string): number {
    return this.#delete(() => this.#forget.all(attackerUuid));
  }

  #delete(run: () => readonly { readonly created_at: string }[]): number {
    return this.#database.together(() => {
      const rows = run();
      this.#hourly.recount(new Set(rows.map((row) => hourOf(row.created_at))));
      return rows.length;
    });
  }
}

function requireAnchor(tag: Tag): void {
  if (tag.attackerUuid !== undefined || tag.identityUuid !== undefined) return;
  throw new StoreError(
    "anchor",
    `tag ${tag.uuid} of rule ${tag.ruleId} has neither attacker_uuid nor identity_uuid; ` +
      "one of them must be set",
  );
}
