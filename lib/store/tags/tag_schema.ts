import type { Database } from "../sqlite/database.ts";
import { SUMS_OF_HOUR } from "./hourly.ts";
import { NAME_KINDS, Settling } from "./settling.ts";

/**
 * Origins of older files that are settled at a time while a file is brought up
 * to date, so that sorting them stays within memory.
 */
const CHUNK_TAGS = 200_000;

/** The byte of the first `#` in an old source id, or 0. */
const HASH_SIGN = "instr(CAST(source_id AS BLOB), x'23')";

/** Whether an old row was written together with the one before it, for the same source and owner. */
const CONTINUES = `EXISTS (
  SELECT 1 FROM ttp_tag AS before WHERE before.rowid = old.rowid - 1
    AND before.created_at = old.created_at
    AND before.attacker_uuid IS old.attacker_uuid AND before.identity_uuid IS old.identity_uuid
    AND before.session_id IS old.session_id AND before.decky_id IS old.decky_id
    AND ${sourceOf("before")} = ${sourceOf("old")})`;

/**
 * The step to version 3: splits the one wide table of the tags into what is
 * written at the end of the file alone, `tag`, `tag_origin` and `tag_label`,
 * and indexes that are written for many tags at a time, `tag_name`,
 * `tag_of_label` and `tag_digest`. A tag then costs a tenth of the pages that
 * eight indexes made dirty. `ttp_tag` stays as a view with the same columns.
 */
export const SPLIT_TAGS: readonly (string | ((database: Database) => void))[] = [
  // What all tags of one rule for one technique say alike.
  `CREATE TABLE tag_label (
    id INTEGER PRIMARY KEY,
    source_kind TEXT NOT NULL,
    tactic TEXT NOT NULL,
    technique_id TEXT NOT NULL,
    sub_technique_id TEXT,
    rule_id TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    attack_release TEXT NOT NULL,
    mitre_url TEXT NOT NULL
  )`,
  `CREATE UNIQUE INDEX tag_label_whole ON tag_label (rule_id, technique_id,
    coalesce(sub_technique_id, ''), rule_version, source_kind, tactic, attack_release, mitre_url)`,
  // What was written of one source at one time: the tags from `id` to `last_tag`, without a gap.
  // `source` is their source id up to the first `#`, or the whole of it where a source has many.
  `CREATE TABLE tag_origin (
    id INTEGER PRIMARY KEY,
    last_tag INTEGER NOT NULL,
    source TEXT NOT NULL,
    attacker_uuid TEXT,
    identity_uuid TEXT,
    session_id TEXT,
    decky_id TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT ttp_tag_has_anchor CHECK (attacker_uuid IS NOT NULL OR identity_uuid IS NOT NULL)
  )`,
  "CREATE INDEX tag_origin_created ON tag_origin (created_at)",
  // That a uuid is there once is seen to by `TagTable.insert`, under the write lock.
  `CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    label INTEGER NOT NULL,
    uuid TEXT NOT NULL,
    source_rest TEXT NOT NULL,
    confidence REAL NOT NULL CHECK (confidence >= 0 AND confidence <= 1),
    evidence TEXT NOT NULL CHECK (json_valid(evidence))
  )`,
  // The indexes hold the tags up to these; what is newer is so little that it is read as a whole.
  "CREATE TABLE tag_settled (names INTEGER NOT NULL, labels INTEGER NOT NULL)",
  "INSERT INTO tag_settled VALUES (0, 0)",
  // Which origins name a source, attacker, identity, session or decky, and how many tags they have.
  `CREATE TABLE tag_name (
    kind INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    tags INTEGER NOT NULL,
    PRIMARY KEY (kind, hash, origin)
  ) WITHOUT ROWID`,
  "CREATE TABLE tag_of_label (label INTEGER NOT NULL, tag INTEGER NOT NULL, PRIMARY KEY (label, tag)) WITHOUT ROWID",
  // The beginnings of the uuids of many tags one after the other, four bytes each.
  `CREATE TABLE tag_digest (
    first_tag INTEGER PRIMARY KEY,
    last_tag INTEGER NOT NULL,
    beginnings BLOB NOT NULL
  )`,
  `INSERT INTO tag_label (source_kind, tactic, technique_id, sub_technique_id, rule_id,
      rule_version, attack_release, mitre_url)
    SELECT DISTINCT source_kind, tactic, technique_id, sub_technique_id, rule_id, rule_version,
      attack_release, mitre_url FROM ttp_tag`,
  `INSERT INTO tag_origin
    SELECT rowid, 0, ${sourceOf("old")}, attacker_uuid, identity_uuid, session_id, decky_id,
      created_at
    FROM ttp_tag AS old WHERE NOT ${CONTINUES} ORDER BY rowid`,
  `UPDATE tag_origin SET last_tag = (
    SELECT max(rowid) FROM ttp_tag WHERE rowid < coalesce(
      (SELECT min(next.id) FROM tag_origin AS next WHERE next.id > tag_origin.id),
      ${Number.MAX_SAFE_INTEGER}))`,
  `INSERT INTO tag
    SELECT old.rowid, label.id, uuid,
      CASE ${HASH_SIGN} WHEN 0 THEN ''
        ELSE CAST(substr(CAST(source_id AS BLOB), ${HASH_SIGN}) AS TEXT) END,
      confidence, evidence
    FROM ttp_tag AS old CROSS JOIN tag_label AS label
      ON label.rule_id = old.rule_id AND label.technique_id = old.technique_id
        AND coalesce(label.sub_technique_id, '') = coalesce(old.sub_technique_id, '')
        AND label.rule_version = old.rule_version AND label.source_kind = old.source_kind
        AND label.tactic = old.tactic AND label.attack_release = old.attack_release
        AND label.mitre_url = old.mitre_url
    ORDER BY old.rowid`,
  `CREATE TABLE tag_bump_by_tag (
    tag INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    rule_id TEXT NOT NULL,
    PRIMARY KEY (tag, rule_id)
  ) WITHOUT ROWID`,
  `INSERT INTO tag_bump_by_tag
    SELECT ttp_tag.rowid, tag_bump.rule_id FROM tag_bump JOIN ttp_tag ON ttp_tag.uuid = tag_bump.uuid`,
  "DROP TABLE tag_bump",
  "ALTER TABLE tag_bump_by_tag RENAME TO tag_bump",
  "DROP TABLE ttp_tag",
  `CREATE VIEW ttp_tag AS
    SELECT uuid, source_kind, source || source_rest AS source_id, attacker_uuid, identity_uuid,
      session_id, decky_id, tactic, technique_id, sub_technique_id, confidence, rule_id,
      rule_version, evidence, attack_release, mitre_url, created_at
    FROM tag_origin AS origin
      CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
      CROSS JOIN tag_label AS label ON label.id = tag.label`,
  // Sums by hour, keyed by label; they are those of `tag_hourly`, which is a view now.
  `CREATE TABLE label_hourly (
    hour TEXT NOT NULL,
    label INTEGER NOT NULL,
    confidence REAL NOT NULL,
    tags INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (hour, label, confidence)
  ) WITHOUT ROWID`,
  sumUp,
  "DROP TABLE tag_hourly",
  `CREATE VIEW tag_hourly AS
    SELECT hour, rule_id, tactic, technique_id, coalesce(sub_technique_id, '') AS sub_technique_id,
      attack_release, confidence, tags, first_at, last_at
    FROM label_hourly CROSS JOIN tag_label ON tag_label.id = label`,
];

/**
 * The step to version 4: tells the first origin of a session from those that
 * follow, so that sessions are listed without grouping millions of them, and sums
 * up the tags of each decky. The indexes of an older file are made, or made again.
 */
export const SUM_DECKIES: readonly (string | ((database: Database) => void))[] = [
  // All but the first origin of a source are so again, parts of one always.
  "ALTER TABLE tag_origin ADD COLUMN is_again INTEGER NOT NULL DEFAULT 0",
  // Sums by decky of the tags whose names the index holds; `oldest` and `newest` bound their ids.
  `CREATE TABLE decky_sum (
    decky_id TEXT NOT NULL,
    label INTEGER NOT NULL,
    confidence REAL NOT NULL,
    tags INTEGER NOT NULL,
    oldest INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    PRIMARY KEY (decky_id, label, confidence)
  ) WITHOUT ROWID`,
  "DELETE FROM tag_name",
  "UPDATE tag_settled SET names = 0",
  settleAll,
];

/** Cut as bytes: `substr()` of a text ends at its first NUL. */
function sourceOf(row: string): string {
  const id = `${row}.source_id`;
  const bytes = `CAST(${id} AS BLOB)`;
  return `CASE instr(${id}, '#') WHEN 0 THEN ${id}
    ELSE CAST(substr(${bytes}, 1, instr(${bytes}, x'23') - 1) AS TEXT) END`;
}

function settleAll(database: Database): void {
  const settling = new Settling(database);
  const { source, sessionSource, sessionAgain } = NAME_KINDS;
  const noteAgain = database.prepare(
    `UPDATE tag_origin SET is_again = 1 WHERE id > ?1 AND id <= ?2 AND (
      id NOT IN (SELECT min(id) FROM tag_origin WHERE id > ?1 AND id <= ?2 GROUP BY source)
      OR EXISTS (SELECT 1 FROM tag_name
        WHERE kind IN (${source}, ${sessionSource}, ${sessionAgain}) AND hash = name_hash(source)))`,
  );
  const last = Number(database.scalar("SELECT coalesce(max(last_tag), 0) FROM tag_origin"));
  for (let upto = 0; upto < last;) {
    const before = upto;
    // An origin is settled as a whole.
    upto = Number(database.scalar(
      `SELECT last_tag FROM tag_origin WHERE id <= ${upto + CHUNK_TAGS} ORDER BY id DESC LIMIT 1`,
    ));
    noteAgain.run(before, upto);
    settling.settleLabels(upto);
    settling.settleNames(upto);
  }
}

/** One hour after the other, so that sorting them stays within memory. */
function sumUp(database: Database): void {
  const hours = database.prepare("SELECT DISTINCT hour FROM tag_hourly").all<{ hour: string }>();
  const add = database.prepare(SUMS_OF_HOUR);
  for (const { hour } of hours) add.run(hour);
}
