import type { Tag } from "../../tagging/tag.ts";
import type { Database, TransactionMember } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";

interface Known {
  readonly ruleVersion: number;
  readonly techniqueId: string;
  readonly subTechniqueId: string | undefined;
  readonly id: number;
}

/** The table `label`: what all tags of one rule version for one technique have in common. */
export class LabelTable implements TransactionMember {
  /** By rule, each of which has few; rows are never removed, so that only a rollback changes ids. */
  readonly #cache = new Map<string, Known[]>();
  readonly #find: Statement;
  readonly #add: Statement;

  constructor(database: Database) {
    this.#find = database.prepare(
      `SELECT id FROM label WHERE rule_id = ? AND rule_version = ? AND technique_id = ?
        AND coalesce(sub_technique_id, '') = coalesce(?, '')`,
    );
    this.#add = database.prepare(
      `INSERT INTO label (rule_id, rule_version, technique_id, sub_technique_id, tactic,
        attack_release, mitre_url) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    );
    database.join(this);
  }

  /** The id of a tag's label, a new one where there is none. Only inside a transaction. */
  idOf(tag: Tag): number {
    const { ruleId, ruleVersion, techniqueId, subTechniqueId } = tag;
    const ofRule = this.#cache.get(ruleId);
    const known = ofRule?.find((label) =>
      label.techniqueId === techniqueId && label.subTechniqueId === subTechniqueId &&
      label.ruleVersion === ruleVersion
    );
    if (known !== undefined) return known.id;
    const label = { ruleVersion, techniqueId, subTechniqueId, id: this.#findOrAdd(tag) };
    if (ofRule === undefined) this.#cache.set(ruleId, [label]);
    else ofRule.push(label);
    return label.id;
  }

  #findOrAdd(tag: Tag): number {
    const key = [tag.ruleId, tag.ruleVersion, tag.techniqueId, tag.subTechniqueId ?? null] as const;
    const row = this.#find.get<{ id: number }>(...key) ??
      this.#add.get<{ id: number }>(...key, tag.tactic, tag.attackRelease, tag.mitreUrl);
    return row!.id;
  }

  /** A label may have been rolled back. */
  undone(): void {
    this.#cache.clear();
  }
}
