import type { Tag } from "../tagging/tag.ts";
import type { Database, TransactionMember } from "./database.ts";
import type { Statement, Value } from "./statement.ts";

/** The table `tag_label`: what all tags of one rule for one technique say alike. */
export class LabelTable implements TransactionMember {
  readonly #ids = new Map<string, number>();
  readonly #find: Statement;
  readonly #add: Statement;

  constructor(database: Database) {
    this.#find = database.prepare(
      `SELECT id FROM tag_label WHERE rule_id = ? AND technique_id = ?
        AND coalesce(sub_technique_id, '') = coalesce(?, '') AND rule_version = ?
        AND source_kind = ? AND tactic = ? AND attack_release = ? AND mitre_url = ?`,
    );
    this.#add = database.prepare(
      `INSERT INTO tag_label (rule_id, technique_id, sub_technique_id, rule_version, source_kind,
        tactic, attack_release, mitre_url) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    );
    database.join(this);
  }

  /** The id of a tag's label, a new one where there is none. Only inside a transaction. */
  idOf(tag: Tag): number {
    const { ruleId, techniqueId, subTechniqueId = "", ruleVersion, sourceKind, tactic } = tag;
    const key =
      `${ruleId} ${techniqueId} ${subTechniqueId} ${ruleVersion} ${sourceKind} ${tactic} ` +
      `${tag.attackRelease} ${tag.mitreUrl}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#findOrAdd(tag);
    this.#ids.set(key, id);
    return id;
  }

  #findOrAdd(tag: Tag): number {
    const values: readonly Value[] = [
      ...[tag.ruleId, tag.techniqueId, tag.subTechniqueId ?? null, tag.ruleVersion],
      ...[tag.sourceKind, tag.tactic, tag.attackRelease, tag.mitreUrl],
    ];
    const row = this.#find.get<{ id: number }>(...values) ??
      this.#add.get<{ id: number }>(...values);
    return row!.id;
  }

  /** @inheritdoc */
  begun(): void {}

  /** @inheritdoc */
  kept(): void {}

  /** A label may have been undone too. */
  undone(): void {
    this.#ids.clear();
  }

  /** @inheritdoc */
  committing(): void {}

  /** @inheritdoc */
  committed(): void {}
}
