import { NAME_KINDS, NAMES_SETTLED } from "../tags/settling.ts";
import { TAGS } from "../tags/tag_row.ts";
import { isOfTime } from "./row_span.ts";
import { type Condition, conditionOf, type TagFilter } from "./tag_filter.ts";

const { attacker, identity } = NAME_KINDS;

/**
 * Which identities each origin is of: the one that its tags name, and the one
 * that its attacker is known to be, which may have become known later.
 */
const OWNERS = `SELECT identity_uuid AS owner, id AS owned FROM tag_name
    JOIN tag_origin ON id = origin WHERE kind = ${identity}
  UNION SELECT known.identity_uuid, id FROM attacker AS known
    CROSS JOIN tag_name ON kind = ${attacker} AND hash = name_hash(known.uuid)
    CROSS JOIN tag_origin ON id = origin AND attacker_uuid = known.uuid
    WHERE known.identity_uuid IS NOT NULL
  UNION SELECT identity_uuid, id FROM tag_origin
    WHERE id > ${NAMES_SETTLED} AND identity_uuid IS NOT NULL
  UNION SELECT known.identity_uuid, id FROM tag_origin
    CROSS JOIN attacker AS known ON known.uuid = attacker_uuid
    WHERE id > ${NAMES_SETTLED} AND known.identity_uuid IS NOT NULL`;

/**
 * The relation of the identities that have tags, their own or their attackers':
 * `id`, `tags`, and the first and last origin of them, `oldest` and `newest`.
 */
export function identityCounts(filter: TagFilter): Condition {
  const { sql, values } = conditionOf(filter);
  // What is asked of the time alone can be told without a look at each tag.
  const [tables, tags] = isOfTime(filter)
    ? ["tag_origin AS origin", "sum(origin.last_tag - origin.id + 1)"]
    : [TAGS, "count(*)"];
  return {
    sql: `SELECT owner AS id, ${tags} AS tags, min(origin.id) AS oldest, max(origin.id) AS newest
      FROM (${OWNERS}) CROSS JOIN ${tables} WHERE origin.id = owned AND ${sql} GROUP BY owner`,
    values,
  };
}
