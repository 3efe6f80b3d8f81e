import { DatabaseSync } from "sqlite";
import { APPLICATION_ID } from "../../lib/store/sqlite/schema.ts";
import { OLDER_VERSIONS } from "./older_schema.ts";
import type { Tag } from "../../lib/tagging/tag.ts";

/** A file as a program with an older schema has made it. */
export class OlderFile implements Disposable {
  readonly database: DatabaseSync;
  readonly #version: number;

  /** Makes it, empty. */
  constructor(path: string, version: number) {
    this.database = new DatabaseSync(path);
    this.#version = version;
    this.database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
    for (const change of OLDER_VERSIONS.slice(0, version).flat()) this.database.exec(change);
    this.database.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}`,
    );
  }

  /** Writes a tag as that program did. */
  insert(tag: Tag, at: Date): void {
    if (this.#version <= 2) this.#insertWide(tag, at);
    else this.#insertParts(tag, at);
  }

  #insertWide(tag: Tag, at: Date): void {
    this.database.prepare("INSERT INTO ttp_tag VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)").run(
      ...[tag.uuid, tag.sourceKind, tag.sourceId, tag.attackerUuid ?? null],
      ...[tag.identityUuid ?? null, tag.sessionId ?? null, tag.deckyId ?? null, tag.tactic],
      ...[tag.techniqueId, tag.subTechniqueId ?? null, tag.confidence, tag.ruleId],
      ...[tag.ruleVersion, JSON.stringify(tag.evidence), tag.attackRelease, tag.mitreUrl],
      at.toISOString(),
    );
  }

  #insertParts(tag: Tag, at: Date): void {
    const facts = [
      ...[tag.sourceKind, tag.tactic, tag.techniqueId, tag.subTechniqueId ?? null, tag.ruleId],
      ...[tag.ruleVersion, tag.attackRelease, tag.mitreUrl],
    ];
    this.database.prepare(
      `INSERT OR IGNORE INTO tag_label (source_kind, tactic, technique_id, sub_technique_id,
        rule_id, rule_version, attack_release, mitre_url) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(...facts);
    const sign = tag.sourceId.indexOf("#");
    const source = sign < 0 ? tag.sourceId : tag.sourceId.slice(0, sign);
    this.database.prepare(
      `INSERT INTO tag (label, uuid, source_rest, confidence, evidence) VALUES (
        (SELECT id FROM tag_label WHERE source_kind = ? AND tactic = ? AND technique_id = ?
          AND sub_technique_id IS ? AND rule_id = ? AND rule_version = ? AND attack_release = ?
          AND mitre_url = ?), ?, ?, ?, ?)`,
    ).run(
      ...facts,
      ...[
        tag.uuid,
        tag.sourceId.slice(source.length),
        tag.confidence,
        JSON.stringify(tag.evidence),
      ],
    );
    this.database.prepare(
      `INSERT INTO tag_origin (id, last_tag, source, attacker_uuid, identity_uuid, session_id,
        decky_id, created_at) VALUES (last_insert_rowid(), last_insert_rowid(), ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...[source, tag.attackerUuid ?? null, tag.identityUuid ?? null, tag.sessionId ?? null],
      ...[tag.deckyId ?? null, at.toISOString()],
    );
  }

  /** Notes that a rule has raised a tag. */
  noteBump(tag: Tag, ruleId: string): void {
    const [name, value] = this.#version <= 2
      ? ["uuid", "?"]
      : ["tag", "(SELECT id FROM tag WHERE uuid = ?)"];
    this.database.prepare(`INSERT INTO tag_bump (${name}, rule_id) VALUES (${value}, ?)`)
      .run(tag.uuid, ruleId);
  }

  [Symbol.dispose](): void {
    if (this.database.isOpen) this.database.close();
  }
}
