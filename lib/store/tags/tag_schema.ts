/** Columns of a dimension that say how much refers to it; times are `observed_at`. */
const TOTALS = `events INTEGER NOT NULL DEFAULT 0, tags INTEGER NOT NULL DEFAULT 0,
  first_seen TEXT, last_seen TEXT`;

/** Id of the rows of `address` and `attacker` that stand for nobody, whose names are NULL. */
export const NOBODY = 0;

/**
 * The tables of schema version 5 that hold the tags: facts with integer keys to
 * dimensions. They are read by other programs too. All times are UTC, ISO 8601
 * with milliseconds, so that they sort as texts.
 */
export const TAG_TABLES: readonly string[] = [
  `CREATE TABLE sensor (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, ${TOTALS})`,
  // in_force is the identity at the end of the chain of merged_into, or the row itself.
  `CREATE TABLE identity (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    merged_into INTEGER REFERENCES identity (id),
    in_force INTEGER NOT NULL REFERENCES identity (id),
    ${TOTALS}
  )`,
  "CREATE INDEX identity_in_force ON identity (in_force)",
  "CREATE INDEX identity_merged_into ON identity (merged_into)",
  // The totals of an attacker are those of its addresses, so that they follow an address.
  `CREATE TABLE attacker (
    id INTEGER PRIMARY KEY,
    uuid TEXT UNIQUE,
    minted INTEGER NOT NULL DEFAULT 0,
    identity INTEGER REFERENCES identity (id)
  )`,
  "CREATE INDEX attacker_identity ON attacker (identity)",
  // Of the rows of one ip the current one says whose it is now; learned_at and sighted_at are NULL
  // where only tags have named it.
  `CREATE TABLE address (
    id INTEGER PRIMARY KEY,
    ip TEXT,
    attacker INTEGER NOT NULL REFERENCES attacker (id),
    current INTEGER NOT NULL DEFAULT 0,
    learned_at TEXT,
    sighted_at TEXT,
    ${TOTALS}
  )`,
  "CREATE INDEX address_ip ON address (ip)",
  "CREATE UNIQUE INDEX address_current ON address (ip) WHERE current",
  "CREATE INDEX address_attacker ON address (attacker, ip)",
  `INSERT INTO attacker (id) VALUES (${NOBODY})`,
  `INSERT INTO address (id, attacker) VALUES (${NOBODY}, ${NOBODY})`,
  `CREATE TABLE session (id INTEGER PRIMARY KEY, session_id TEXT NOT NULL UNIQUE, ${TOTALS})`,
  `CREATE TABLE decky (id INTEGER PRIMARY KEY, decky_id TEXT NOT NULL UNIQUE, ${TOTALS})`,
  // What was written first of tactic, attack_release and mitre_url stays.
  `CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    rule_id TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    technique_id TEXT NOT NULL,
    sub_technique_id TEXT,
    tactic TEXT NOT NULL,
    attack_release TEXT NOT NULL,
    mitre_url TEXT NOT NULL,
    ${TOTALS}
  )`,
  `CREATE UNIQUE INDEX label_key
    ON label (rule_id, rule_version, technique_id, coalesce(sub_technique_id, ''))`,
  "CREATE INDEX label_technique ON label (technique_id, sub_technique_id)",
  // created_at is when its first tag was written, relabelled_at when the last of those that came
  // later was.
  `CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    source_kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    address INTEGER NOT NULL REFERENCES address (id),
    identity INTEGER REFERENCES identity (id),
    session INTEGER REFERENCES session (id),
    decky INTEGER REFERENCES decky (id),
    sensor INTEGER REFERENCES sensor (id),
    observed_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    relabelled_at TEXT,
    text TEXT,
    CONSTRAINT event_has_anchor CHECK (address <> ${NOBODY} OR identity IS NOT NULL)
  )`,
  // The parts of one session stand together in it.
  "CREATE UNIQUE INDEX event_source ON event (source_id, source_kind)",
  "CREATE INDEX event_address ON event (address, observed_at)",
  "CREATE INDEX event_identity ON event (identity) WHERE identity IS NOT NULL",
  "CREATE INDEX event_session ON event (session)",
  "CREATE INDEX event_decky ON event (decky, observed_at)",
  "CREATE INDEX event_sensor ON event (sensor, observed_at) WHERE sensor IS NOT NULL",
  "CREATE INDEX event_observed ON event (observed_at)",
  // Neither observed nor labelled since: what retention removes, and what is new of labels.
  "CREATE INDEX event_age ON event (max(observed_at, coalesce(relabelled_at, created_at)))",
  // created_at is NULL for the tags that were written together with their event.
  `CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    event INTEGER NOT NULL REFERENCES event (id),
    label INTEGER NOT NULL REFERENCES label (id),
    confidence REAL NOT NULL CHECK (confidence >= 0 AND confidence <= 1),
    uuid TEXT NOT NULL,
    created_at TEXT,
    evidence TEXT NOT NULL CHECK (json_valid(evidence))
  )`,
  "CREATE UNIQUE INDEX tag_event ON tag (event, label)",
  "CREATE INDEX tag_label ON tag (label)",
  // Which tags a rule has raised already, so that it raises each once.
  `CREATE TABLE tag_bump (
    tag INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    rule_id TEXT NOT NULL,
    PRIMARY KEY (tag, rule_id)
  ) WITHOUT ROWID`,
  // The first four bytes of the uuids of many tags one after the other; it is the one index that
  // lags behind, up to last_tag.
  `CREATE TABLE tag_uuid_index (
    first_tag INTEGER PRIMARY KEY,
    last_tag INTEGER NOT NULL,
    beginnings BLOB NOT NULL
  )`,
  // Tags by the hour in which they were observed; decky 0 is none.
  `CREATE TABLE tag_hourly (
    hour TEXT NOT NULL,
    decky INTEGER NOT NULL,
    label INTEGER NOT NULL,
    confidence REAL NOT NULL,
    tags INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    PRIMARY KEY (hour, decky, label, confidence)
  ) WITHOUT ROWID`,
  // The last ids that the totals include; at each commit the last ones that were ever given.
  "CREATE TABLE tag_counted (tag INTEGER NOT NULL, event INTEGER NOT NULL)",
  "INSERT INTO tag_counted VALUES (0, 0)",
  `CREATE VIEW ttp_tag AS
    SELECT tag.uuid, source_kind, source_id, attacker.uuid AS attacker_uuid,
      address.ip AS attacker_ip,
      (SELECT shown.uuid FROM identity AS named JOIN identity AS shown ON shown.id = named.in_force
        WHERE named.id = coalesce(event.identity, attacker.identity)) AS identity_uuid,
      session_id, decky_id, (SELECT name FROM sensor WHERE sensor.id = event.sensor) AS sensor,
      tactic, technique_id, sub_technique_id, confidence, rule_id, rule_version, evidence,
      attack_release, mitre_url, observed_at,
      coalesce(tag.created_at, event.created_at) AS created_at
    FROM event
      JOIN tag ON tag.event = event.id
      JOIN label ON label.id = tag.label
      JOIN address ON address.id = event.address
      JOIN attacker ON attacker.id = address.attacker
      LEFT JOIN session ON session.id = event.session
      LEFT JOIN decky ON decky.id = event.decky`,
  ...statistics(),
];

/**
 * Statistics of a busy sensor, written once. With them SQLite searches `ttp_tag`
 * by index from the first row on, and its plans do not change with the contents.
 */
function statistics(): readonly string[] {
  const indexes: readonly (readonly [table: string, index: string, rows: string])[] = [
    ["event", "event_source", "1000000 4 1"],
    ["event", "event_address", "1000000 4 1"],
    ["event", "event_identity", "1000 10"],
    ["event", "event_session", "1000000 4"],
    ["event", "event_decky", "1000000 20000 1"],
    ["event", "event_sensor", "1000000 100000 1"],
    ["event", "event_observed", "1000000 1"],
    ["event", "event_age", "1000000 1"],
    ["tag", "tag_event", "2000000 2 1"],
    ["tag", "tag_label", "2000000 10000"],
    ["label", "label_key", "200 2 2 1 1"],
    ["label", "label_technique", "200 4 2"],
    ["address", "address_ip", "250000 1"],
    ["address", "address_attacker", "250000 1 1"],
    ["attacker", "sqlite_autoindex_attacker_1", "250000 1"],
    ["session", "sqlite_autoindex_session_1", "250000 1"],
    ["decky", "sqlite_autoindex_decky_1", "50 1"],
  ];
  return [
    "ANALYZE sqlite_schema",
    "DELETE FROM sqlite_stat1",
    ...indexes.map(([table, index, rows]) =>
      `INSERT INTO sqlite_stat1 VALUES ('${table}', '${index}', '${rows}')`
    ),
    "ANALYZE sqlite_schema",
  ];
}
