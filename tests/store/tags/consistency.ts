import assert from "assert";
import {
  beginningOf,
  LABELS_SETTLED,
  NAMES_SETTLED,
  namesOf,
} from "../../../lib/store/tags/settling.ts";
import type { Store } from "../../../lib/store/store.ts";

/** Rows that must not be, by what is wrong with them. */
const WRONG: Readonly<Record<string, string>> = {
  "a uuid that is there twice": "SELECT uuid FROM tag GROUP BY uuid HAVING count(*) > 1",
  "an origin with a gap, or none of its tags": `SELECT id FROM tag_origin AS origin
    WHERE last_tag < id OR last_tag - id + 1 <>
      (SELECT count(*) FROM tag WHERE tag.id BETWEEN origin.id AND origin.last_tag)`,
  "origins that overlap": `SELECT id FROM tag_origin AS origin
    WHERE EXISTS (SELECT 1 FROM tag_origin AS other
      WHERE other.id > origin.id AND other.id <= origin.last_tag)`,
  "a tag without an origin": `SELECT id FROM tag WHERE NOT EXISTS (
    SELECT 1 FROM tag_origin AS origin
    WHERE origin.id = (SELECT max(id) FROM tag_origin WHERE id <= tag.id)
      AND tag.id <= origin.last_tag)`,
  "a source with two firsts": `SELECT source FROM tag_origin WHERE NOT is_again
    GROUP BY source HAVING count(*) > 1`,
  "a part of a source that is a first":
    "SELECT id FROM tag_origin WHERE NOT is_again AND instr(source, '#') > 0",
  "names that are settled before their labels": "SELECT 1 FROM tag_settled WHERE names > labels",
  "a decky that is summed up wrongly, or out of bounds": `WITH counted AS (
      SELECT decky_id, label, confidence, count(*) AS tags, min(tag.id) AS oldest,
        max(tag.id) AS newest
      FROM tag_origin AS origin CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
      WHERE origin.id <= ${NAMES_SETTLED} AND decky_id IS NOT NULL GROUP BY 1, 2, 3)
    SELECT * FROM counted FULL JOIN decky_sum AS summed
      ON summed.decky_id = counted.decky_id AND summed.label = counted.label
        AND summed.confidence = counted.confidence
      WHERE counted.tags IS NOT summed.tags OR counted.oldest < summed.oldest
        OR counted.newest > summed.newest`,
  "a tag without a label": "SELECT id FROM tag WHERE label NOT IN (SELECT id FROM tag_label)",
  "a raise of a tag that is gone": "SELECT tag FROM tag_bump WHERE tag NOT IN (SELECT id FROM tag)",
  "an origin that is settled in part":
    `SELECT id FROM tag_origin WHERE id <= ${NAMES_SETTLED} AND last_tag > ${NAMES_SETTLED}`,
  "a name that is missing from the index": `SELECT kind, hash, origin, tags
    FROM (${
    namesOf(`id <= ${NAMES_SETTLED}`)
  }) EXCEPT SELECT kind, hash, origin, tags FROM tag_name`,
  "a name in the index that is none": `SELECT kind, hash, origin, tags FROM tag_name
    EXCEPT SELECT kind, hash, origin, tags FROM (${namesOf(`id <= ${NAMES_SETTLED}`)})`,
  "a tag that is missing from the index of labels":
    `SELECT label, id FROM tag WHERE id <= ${LABELS_SETTLED} EXCEPT SELECT label, tag FROM tag_of_label`,
  "a tag in the index of labels that is none":
    `SELECT label, tag FROM tag_of_label EXCEPT SELECT label, id FROM tag WHERE id <= ${LABELS_SETTLED}`,
  "digests that overlap, or hold what is not settled": `SELECT first_tag FROM tag_digest AS digest
    WHERE last_tag < first_tag OR last_tag > ${LABELS_SETTLED} OR EXISTS (
      SELECT 1 FROM tag_digest AS other
      WHERE other.first_tag > digest.first_tag AND other.first_tag <= digest.last_tag)`,
  "a settled tag that no digest has":
    `SELECT id FROM tag WHERE id <= ${LABELS_SETTLED} AND NOT EXISTS (
    SELECT 1 FROM tag_digest WHERE tag.id BETWEEN first_tag AND last_tag
      AND instr(beginnings, ${beginningOf("uuid")}) > 0)`,
  "an hour that is summed up wrongly": `WITH counted AS (
      SELECT substr(created_at, 1, 13) AS hour, rule_id, tactic, technique_id,
        coalesce(sub_technique_id, '') AS sub_technique_id, attack_release, confidence,
        count(*) AS tags
      FROM ttp_tag GROUP BY 1, 2, 3, 4, 5, 6, 7),
    summed AS (
      SELECT hour, rule_id, tactic, technique_id, sub_technique_id, attack_release, confidence,
        sum(tags) AS tags
      FROM tag_hourly GROUP BY 1, 2, 3, 4, 5, 6, 7)
    SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM summed)
    UNION ALL SELECT * FROM (SELECT * FROM summed EXCEPT SELECT * FROM counted)`,
};

/** Makes sure that tables, indexes and sums of the tags say the same. */
export function assertConsistent({ database }: Store): void {
  for (const [wrong, sql] of Object.entries(WRONG)) {
    const rows = database.prepare(`${sql} LIMIT 5`).all();
    assert.deepEqual(rows, [], `${wrong}: ${JSON.stringify(rows)}`);
  }
  assert.equal(database.scalar("PRAGMA integrity_check"), "ok");
}
