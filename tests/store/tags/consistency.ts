import assert from "assert";
import type { Store } from "../../../lib/store/store.ts";

/** The tags of each row of a dimension, counted. */
function totalsOf(dimension: string, key: string): string {
  return `SELECT ${key} AS id, count(DISTINCT event.id) AS events, count(*) AS tags,
      min(observed_at) AS first_seen, max(observed_at) AS last_seen
    FROM event JOIN tag ON tag.event = event.id WHERE ${key} IS NOT NULL GROUP BY 1
    EXCEPT SELECT id, events, tags, first_seen, last_seen FROM ${dimension}`;
}

const DIMENSIONS = ["sensor", "identity", "address", "session", "decky"];

/** What must not be in the tables, by what it would be. */
const WRONG: Readonly<Record<string, string>> = {
  "an event without a tag": "SELECT id FROM event WHERE id NOT IN (SELECT event FROM tag)",
  "a raise of a tag that is gone": "SELECT tag FROM tag_bump WHERE tag NOT IN (SELECT id FROM tag)",
  ...Object.fromEntries(DIMENSIONS.flatMap((dimension) => [
    [`a ${dimension} with wrong totals`, totalsOf(dimension, `event.${dimension}`)],
    [
      `a ${dimension} that has tags of nothing`,
      `SELECT id FROM ${dimension} WHERE tags <> 0
        AND id NOT IN (SELECT ${dimension} FROM event WHERE ${dimension} IS NOT NULL)`,
    ],
  ])),
  "a session or decky that nothing refers to":
    "SELECT id FROM session WHERE tags = 0 UNION ALL SELECT id FROM decky WHERE tags = 0",
  "a label with wrong totals": `SELECT label, count(*), min(observed_at), max(observed_at)
    FROM tag JOIN event ON event.id = tag.event GROUP BY 1
    EXCEPT SELECT id, tags, first_seen, last_seen FROM label`,
  "an hour with wrong sums": `WITH counted AS (
      SELECT substr(observed_at, 1, 13) AS hour, coalesce(decky, 0) AS decky, label, confidence,
        count(*) AS tags FROM event JOIN tag ON tag.event = event.id GROUP BY 1, 2, 3, 4),
    summed AS (SELECT hour, decky, label, confidence, tags FROM tag_hourly)
    SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM summed)
    UNION ALL SELECT * FROM (SELECT * FROM summed EXCEPT SELECT * FROM counted)`,
  "a tag or event that is not counted": `SELECT * FROM tag_counted
    WHERE tag < (SELECT max(id) FROM tag) OR event < (SELECT max(id) FROM event)`,
  "batches of uuids that overlap": `SELECT first_tag FROM tag_uuid_index AS batch
    WHERE last_tag < first_tag OR EXISTS (SELECT 1 FROM tag_uuid_index AS other
      WHERE other.first_tag > batch.first_tag AND other.first_tag <= batch.last_tag)`,
  "an identity in force that is not the end of its chain": `WITH RECURSIVE up (id, at) AS (
      SELECT id, id FROM identity
      UNION SELECT up.id, merged_into FROM up JOIN identity ON identity.id = at
        WHERE merged_into IS NOT NULL)
    SELECT identity.id FROM identity JOIN up ON up.id = identity.id
      JOIN identity AS last ON last.id = up.at
    WHERE last.merged_into IS NULL AND identity.in_force <> last.id`,
  "a reference to nothing": "PRAGMA foreign_key_check",
};

/** Makes sure that tables, indexes and totals of the tags say the same. */
export function assertConsistent({ database }: Store): void {
  for (const [wrong, sql] of Object.entries(WRONG)) {
    const rows = database.prepare(sql).all();
    assert.deepEqual(rows.slice(0, 5), [], `${wrong}: ${JSON.stringify(rows.slice(0, 5))}`);
  }
  assert.equal(database.scalar("PRAGMA integrity_check"), "ok");
}
