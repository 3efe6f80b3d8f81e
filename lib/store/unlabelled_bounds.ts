import { TableBound } from "./queues/table_bound.ts";
import type { Database } from "./sqlite/database.ts";
import { NOBODY } from "./tags/tag_schema.ts";

/** Rows of each table that no tag refers to, at most, and their bytes. */
export interface UnlabelledLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

const DEFAULT_LIMITS: UnlabelledLimits = { maxRows: 100_000, maxBytes: 32 * 1024 * 1024 };

/** What a row and its places in the indexes take besides its texts, in bytes; about. */
const ROW_BYTES = 64;

/** Bounds of the tables that say who attackers are. */
export interface UnlabelledBounds {
  readonly addresses: TableBound;
  readonly attackers: TableBound;
  readonly identities: TableBound;
}

/**
 * Bounds what is known of addresses, attackers and identities that no tag refers
 * to: anybody who scans becomes a row of them. Those that were sighted longest ago
 * go first; what a tag refers to stays as long as the tag.
 */
export function unlabelledBounds(
  database: Database,
  limits: UnlabelledLimits = DEFAULT_LIMITS,
): UnlabelledBounds {
  return {
    addresses: new TableBound(database, {
      ...limits,
      table: "address",
      order: "coalesce(sighted_at, '')",
      bytes: `${ROW_BYTES} + coalesce(octet_length(ip), 0)`,
      where: `id <> ${NOBODY}
        AND NOT EXISTS (SELECT 1 FROM event WHERE event.address = address.id)`,
    }),
    attackers: new TableBound(database, {
      ...limits,
      table: "attacker",
      order: "id",
      bytes: `${ROW_BYTES} + octet_length(uuid)`,
      where: `id <> ${NOBODY}
        AND NOT EXISTS (SELECT 1 FROM address WHERE address.attacker = attacker.id)`,
    }),
    identities: new TableBound(database, {
      ...limits,
      table: "identity",
      order: "id",
      bytes: `${ROW_BYTES} + octet_length(uuid)`,
      where: `NOT EXISTS (SELECT 1 FROM event WHERE event.identity = identity.id)
        AND NOT EXISTS (SELECT 1 FROM attacker WHERE attacker.identity = identity.id)
        AND NOT EXISTS (SELECT 1 FROM identity AS other
          WHERE other.id <> identity.id AND identity.id IN (other.merged_into, other.in_force))`,
    }),
  };
}
