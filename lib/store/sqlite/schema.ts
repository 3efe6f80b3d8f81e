/** Marks a file as this program's: "dttp" as SQLite's `application_id`. */
export const APPLICATION_ID = 0x64747470;

/**
 * What one event announces becomes one row. Messages are lines of their id, their
 * subject and their payload, and are sent and removed in their order, so that no
 * index finds them by their id.
 */
const BUNDLE_OUTBOX: readonly string[] = [
  `CREATE TABLE outbox_bundle (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    messages TEXT NOT NULL,
    total INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
  )`,
  `INSERT INTO outbox_bundle (seq, messages, total, created_at)
    SELECT seq, id || ' ' || subject || ' ' || replace(payload, char(10), ' '), 1, created_at
    FROM outbox ORDER BY seq`,
  // A place that was given once is never given again, also when its message is gone.
  "DELETE FROM sqlite_sequence WHERE name = 'outbox_bundle'",
  `INSERT INTO sqlite_sequence (name, seq)
    SELECT 'outbox_bundle', seq FROM sqlite_sequence WHERE name = 'outbox'`,
  "DROP TABLE outbox",
  "ALTER TABLE outbox_bundle RENAME TO outbox",
];

/**
 * Announcements that the bus refused, out of the way of those that it takes. Those on
 * one subject that were refused for one reason are tried again together.
 */
const CREATE_SET_ASIDE: readonly string[] = [
  `CREATE TABLE outbox_set_aside (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at TEXT NOT NULL
  )`,
  "CREATE INDEX outbox_set_aside_group ON outbox_set_aside (subject, reason, seq)",
];

/**
 * Steps from each schema version to the next, without the tables of the tags: the
 * first makes version 1 out of an empty file. Released steps never change. All
 * times are UTC, ISO 8601 with milliseconds, so that they sort as texts.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
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
  ],
  [
    // What was held back is no row of its own anywhere else.
    `CREATE TABLE suppressed_hourly (
      hour TEXT NOT NULL,
      rule_id TEXT NOT NULL,
      reason TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (hour, rule_id, reason)
    ) WITHOUT ROWID`,
  ],
  BUNDLE_OUTBOX,
  [],
  [
    ...CREATE_SET_ASIDE,
    // Written before a message is processed and removed with its rows: what is left has ended the process.
    `CREATE TABLE delivery_attempt (
      key TEXT NOT NULL PRIMARY KEY,
      attempts INTEGER NOT NULL,
      at TEXT NOT NULL
    ) WITHOUT ROWID`,
    // The message as a whole, where it was set aside as a file beside the database.
    "ALTER TABLE dead_letter ADD COLUMN file TEXT",
    // Whoever could publish on the bus could set states before. The command line always named
    // somebody, so that a state of nobody came from the bus; of the others it is not known.
    `INSERT INTO meta (key, value)
      SELECT 'unverified_rule_states', json_group_array(rule_id)
      FROM (SELECT rule_id FROM rule_state ORDER BY rule_id) HAVING count(*) > 0`,
    "UPDATE rule_state SET set_by = 'bus:unnamed' WHERE set_by IS NULL",
  ],
];
