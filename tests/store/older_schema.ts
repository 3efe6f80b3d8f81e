/** What the programs of the first versions made; released files never change. */
const VERSION_1: readonly string[] = [
  // An ordinary rowid table: WITHOUT ROWID and random uuids insert four times slower.
  `CREATE TABLE ttp_tag (
    uuid TEXT NOT NULL PRIMARY KEY,
    source_kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    attacker_uuid TEXT,
    identity_uuid TEXT,
    session_id TEXT,
    decky_id TEXT,
    tactic TEXT NOT NULL,
    technique_id TEXT NOT NULL,
    sub_technique_id TEXT,
    confidence REAL NOT NULL CHECK (confidence >= 0 AND confidence <= 1),
    rule_id TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    evidence TEXT NOT NULL CHECK (json_valid(evidence)),
    attack_release TEXT NOT NULL,
    mitre_url TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT ttp_tag_has_anchor CHECK (attacker_uuid IS NOT NULL OR identity_uuid IS NOT NULL)
  )`,
  "CREATE INDEX ttp_tag_identity ON ttp_tag (identity_uuid, technique_id)",
  "CREATE INDEX ttp_tag_attacker ON ttp_tag (attacker_uuid, technique_id)",
  "CREATE INDEX ttp_tag_technique ON ttp_tag (technique_id, created_at)",
  "CREATE INDEX ttp_tag_session ON ttp_tag (session_id)",
  "CREATE INDEX ttp_tag_rule ON ttp_tag (rule_id)",
  "CREATE INDEX ttp_tag_decky ON ttp_tag (decky_id)",
  "CREATE INDEX ttp_tag_created ON ttp_tag (created_at)",
  // Which tags a rule has raised already, so that it raises each once.
  `CREATE TABLE tag_bump (
    uuid TEXT NOT NULL REFERENCES ttp_tag (uuid) ON DELETE CASCADE,
    rule_id TEXT NOT NULL,
    PRIMARY KEY (uuid, rule_id)
  ) WITHOUT ROWID`,
  // Sums by hour, so that questions about everything do not read every tag.
  `CREATE TABLE tag_hourly (
    hour TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    tactic TEXT NOT NULL,
    technique_id TEXT NOT NULL,
    sub_technique_id TEXT NOT NULL,
    attack_release TEXT NOT NULL,
    confidence REAL NOT NULL,
    tags INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (hour, rule_id, tactic, technique_id, sub_technique_id, attack_release, confidence)
  ) WITHOUT ROWID`,
  `CREATE TABLE attacker (
    uuid TEXT NOT NULL PRIMARY KEY,
    ip TEXT UNIQUE,
    identity_uuid TEXT,
    first_seen TEXT,
    last_seen TEXT
  )`,
  "CREATE INDEX attacker_identity ON attacker (identity_uuid)",
  `CREATE TABLE attacker_intel (
    attacker_uuid TEXT NOT NULL PRIMARY KEY,
    payload TEXT NOT NULL,
    updated_at TEXT NOT NULL
  )`,
  `CREATE TABLE rule_state (
    rule_id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'clipped')),
    confidence_max REAL CHECK (confidence_max >= 0 AND confidence_max <= 1),
    expires_at TEXT,
    reason TEXT,
    set_by TEXT,
    set_at TEXT NOT NULL
  )`,
  `CREATE TABLE rule_state_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule_id TEXT NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('set', 'reset', 'expired')),
    state TEXT NOT NULL,
    confidence_max REAL,
    expires_at TEXT,
    reason TEXT,
    set_by TEXT,
    at TEXT NOT NULL
  )`,
  "CREATE INDEX rule_state_history_rule ON rule_state_history (rule_id, id)",
  `CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at TEXT NOT NULL
  )`,
  `CREATE TABLE parked_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    envelope TEXT NOT NULL,
    ip TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at TEXT NOT NULL
  )`,
  "CREATE INDEX parked_event_ip ON parked_event (ip, id)",
  "CREATE INDEX parked_event_next ON parked_event (next_at, id)",
  `CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    at TEXT NOT NULL
  )`,
  "CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
];

const VERSION_2: readonly string[] = [
  // What was held back is no row of its own anywhere else.
  `CREATE TABLE suppressed_hourly (
    hour TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, rule_id, reason)
  ) WITHOUT ROWID`,
];

/** Versions 3 and 4 without their data: parts instead of the one wide table. */
const VERSION_3: readonly string[] = [
  "DROP TABLE tag_bump",
  "DROP TABLE ttp_tag",
  "DROP TABLE tag_hourly",
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
  `CREATE TABLE tag (
      id INTEGER PRIMARY KEY,
      label INTEGER NOT NULL,
      uuid TEXT NOT NULL,
      source_rest TEXT NOT NULL,
      confidence REAL NOT NULL CHECK (confidence >= 0 AND confidence <= 1),
      evidence TEXT NOT NULL CHECK (json_valid(evidence))
  )`,
  `CREATE TABLE tag_name (
      kind INTEGER NOT NULL,
      hash INTEGER NOT NULL,
      origin INTEGER NOT NULL,
      tags INTEGER NOT NULL,
      PRIMARY KEY (kind, hash, origin)
  ) WITHOUT ROWID`,
  `CREATE TABLE tag_digest (
      first_tag INTEGER PRIMARY KEY,
      last_tag INTEGER NOT NULL,
      beginnings BLOB NOT NULL
  )`,
  `CREATE TABLE tag_bump (
      tag INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
      rule_id TEXT NOT NULL,
      PRIMARY KEY (tag, rule_id)
  ) WITHOUT ROWID`,
  `CREATE TABLE label_hourly (
      hour TEXT NOT NULL,
      label INTEGER NOT NULL,
      confidence REAL NOT NULL,
      tags INTEGER NOT NULL,
      first_at TEXT NOT NULL,
      last_at TEXT NOT NULL,
      PRIMARY KEY (hour, label, confidence)
  ) WITHOUT ROWID`,
  `CREATE UNIQUE INDEX tag_label_whole ON tag_label (rule_id, technique_id,
    coalesce(sub_technique_id, ''), rule_version, source_kind, tactic, attack_release, mitre_url)`,
  "CREATE INDEX tag_origin_created ON tag_origin (created_at)",
  "CREATE TABLE tag_settled (names INTEGER NOT NULL, labels INTEGER NOT NULL)",
  "INSERT INTO tag_settled VALUES (0, 0)",
  `CREATE TABLE tag_of_label (label INTEGER NOT NULL, tag INTEGER NOT NULL,
    PRIMARY KEY (label, tag)) WITHOUT ROWID`,
  `CREATE VIEW ttp_tag AS
      SELECT uuid, source_kind, source || source_rest AS source_id, attacker_uuid, identity_uuid,
        session_id, decky_id, tactic, technique_id, sub_technique_id, confidence, rule_id,
        rule_version, evidence, attack_release, mitre_url, created_at
      FROM tag_origin AS origin
        CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
        CROSS JOIN tag_label AS label ON label.id = tag.label`,
  `CREATE VIEW tag_hourly AS
      SELECT hour, rule_id, tactic, technique_id, coalesce(sub_technique_id, '') AS sub_technique_id,
        attack_release, confidence, tags, first_at, last_at
      FROM label_hourly CROSS JOIN tag_label ON tag_label.id = label`,
  "DROP TABLE outbox",
  `CREATE TABLE "outbox" (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    messages TEXT NOT NULL,
    total INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
  )`,
];

const VERSION_4: readonly string[] = [
  "ALTER TABLE tag_origin ADD COLUMN is_again INTEGER NOT NULL DEFAULT 0",
  `CREATE TABLE decky_sum (
    decky_id TEXT NOT NULL,
    label INTEGER NOT NULL,
    confidence REAL NOT NULL,
    tags INTEGER NOT NULL,
    oldest INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    PRIMARY KEY (decky_id, label, confidence)
  ) WITHOUT ROWID`,
];

/** The statements of each step. */
export const OLDER_VERSIONS: readonly (readonly string[])[] = [
  VERSION_1,
  VERSION_2,
  VERSION_3,
  VERSION_4,
];
