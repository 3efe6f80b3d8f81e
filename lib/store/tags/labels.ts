import type { Tag } from "../../tagging/tag.ts";
import type { Database, TransactionMember } from "../sqlite/database.ts";
import type { Statement, Value } from "../sqlite/statement.ts";

/** What of a tag makes its label. */
type Facts = Pick<
  Tag,
  | "sourceKind"
  | "tactic"
  | "techniqueId"
  | "subTechniqueId"
  | "ruleVersion"
  | "attackRelease"
  | "mitreUrl"
>;

interface Label {
  readonly of: Facts;
  readonly id: number;
}

/** The table `tag_label`: what all tags of one rule for one technique say alike. */
export class LabelTable implements TransactionMember {
  /** By rule: each has few. */
  readonly #known = new Map<string, Label[]>();
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
    const labels = this.#known.get(tag.ruleId);
    const known = labels?.find((label) => isOf(label.of, tag));
    if (known !== undefined) return known.id;
    const label = { of: factsOf(tag), id: this.#findOrAdd(tag) };
    if (labels === undefined) this.#known.set(tag.ruleId, [label]);
    else labels.push(label);
    return label.id;
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

  /** A label may have been undone too. */
  undone(): void {
    this.#known.clear();
  }
}

function isOf(label: Facts, tag: Tag): boolean {
  return label.techniqueId === tag.techniqueId && label.subTechniqueId === tag.subTechniqueId &&
    label.sourceKind === tag.sourceKind && label.ruleVersion === tag.ruleVersion &&
    label.tactic === tag.tactic && label.attackRelease === tag.attackRelease &&
    label.mitreUrl === tag.mitreUrl;
}

/** A tag is large and must not be kept for its label. */
function factsOf(tag: Tag): Facts {
  const { sourceKind, tactic, techniqueId, subTechniqueId, ruleVersion } = tag;
  const { attackRelease, mitreUrl } = tag;
  return {
    ...{ sourceKind, tactic, techniqueId, ruleVersion, attackRelease, mitreUrl },
    ...(subTechniqueId !== undefined && { subTechniqueId }),
  };
}
