import type { Bump, Tag } from "../../tagging/tag.ts";
import type { Database } from "../sqlite/database.ts";
import { StoreError } from "../sqlite/errors.ts";
import type { Statement } from "../sqlite/statement.ts";
import { LabelTable } from "./labels.ts";
import { type OwnerIds, OwnerTables } from "./owners.ts";
import { TagRemoval } from "./tag_removal.ts";
import { type StoredTag, tagOf } from "./tag_row.ts";
import { type LastIds, Totals } from "./totals.ts";
import { UuidIndex } from "./uuid_index.ts";

/** What is told of tags besides themselves. */
export interface InsertOptions {
  /** Host that saw them; not named by default. */
  readonly sensor?: string;
}

interface EventRow {
  readonly id: number;
  readonly created_at: string;
}

interface BumpRow {
  readonly id: number;
  readonly label: number;
  readonly confidence: number;
  readonly decky: number | null;
  readonly observed_at: string;
}

/**
 * The tags, as the view `ttp_tag` shows them: rows of `tag`, each of an event and
 * by a label. What an event belongs to and when it happened is said by the first
 * tag that is written of it.
 */
export class TagTable {
  readonly #database: Database;
  readonly #labels: LabelTable;
  readonly #owners: OwnerTables;
  readonly #totals: Totals;
  readonly #uuids: UuidIndex;
  readonly #removal: TagRemoval;
  readonly #findEvent: Statement;
  readonly #addEvent: Statement;
  readonly #relabelled: Statement;
  readonly #addTag: Statement;
  readonly #count: Statement;
  readonly #byTactic: Statement;
  readonly #bumpable: Statement;
  readonly #markBumped: Statement;
  readonly #raise: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#labels = new LabelTable(database);
    this.#owners = new OwnerTables(database);
    this.#totals = new Totals(database);
    this.#uuids = new UuidIndex(database);
    this.#removal = new TagRemoval(database, this.#totals, this.#uuids);
    this.#findEvent = database.prepare(
      "SELECT id, created_at FROM event WHERE source_id = ? AND source_kind = ?",
    );
    this.#addEvent = database.prepare(
      `INSERT INTO event (id, source_kind, source_id, address, identity, session, decky, sensor,
        observed_at, created_at, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#relabelled = database.prepare(
      "UPDATE event SET relabelled_at = max(coalesce(relabelled_at, created_at), ?) WHERE id = ?",
    );
    this.#addTag = database.prepare(
      `INSERT INTO tag (id, event, label, confidence, uuid, created_at, evidence)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event, label) DO NOTHING`,
    );
    this.#count = database.prepare("SELECT coalesce(sum(tags), 0) AS tags FROM label");
    this.#byTactic = database.prepare(
      `SELECT tactic, sum(tags) AS tags FROM label
        GROUP BY tactic HAVING sum(tags) > 0 ORDER BY tactic`,
    );
    this.#bumpable = database.prepare(
      `SELECT tag.id, label, confidence, decky, observed_at FROM attacker
          CROSS JOIN address ON address.attacker = attacker.id
          CROSS JOIN event ON event.address = address.id
          CROSS JOIN tag ON tag.event = event.id
        WHERE attacker.uuid = ? AND confidence < ? AND NOT EXISTS (
          SELECT 1 FROM tag_bump WHERE tag_bump.tag = tag.id AND tag_bump.rule_id = ?)`,
    );
    this.#markBumped = database.prepare("INSERT INTO tag_bump (tag, rule_id) VALUES (?, ?)");
    this.#raise = database.prepare("UPDATE tag SET confidence = ? WHERE id = ?");
  }

  /**
   * Adds tags; those that are there already are left as they are.
   *
   * @param createdAt when they are written, and when they happened where a tag does not say it
   * @returns the tags that were really added
   * @throws {StoreError} `anchor` for a tag that belongs to nobody, before anything is written
   */
  insert(
    tags: readonly Tag[],
    createdAt: Date,
    { sensor }: InsertOptions = {},
  ): readonly Tag[] {
    for (const tag of tags) requireAnchor(tag);
    if (tags.length === 0) return tags;
    const at = createdAt.toISOString();
    return this.#database.together(() => {
      const added = new Addition(this.#totals.lastIds(), at, sensor);
      const fresh = tags.filter((tag) => this.#add(tag, added));
      if (fresh.length > 0) this.#totals.added();
      return fresh.length === tags.length ? tags : fresh;
    });
  }

  /** Adds one tag and says whether it was not there. */
  #add(tag: Tag, addition: Addition): boolean {
    const event = addition.isOfSameEvent(tag) ? addition.event : this.#eventOf(tag, addition);
    addition.last = tag;
    addition.event = event;
    const isLater = event.created_at !== addition.at;
    const changes = this.#addTag.run(
      ...[addition.tagId + 1, event.id, this.#labels.idOf(tag), tag.confidence, tag.uuid],
      ...[isLater ? addition.at : null, JSON.stringify(tag.evidence)],
    );
    if (changes === 0) return false;
    addition.tagId++;
    if (isLater) this.#relabelled.run(addition.at, event.id);
    return true;
  }

  #eventOf(tag: Tag, addition: Addition): EventRow {
    const known = this.#findEvent.get<EventRow>(tag.sourceId, tag.sourceKind);
    if (known !== undefined) return known;
    const { at, sensor } = addition;
    const owners = addition.ownersOf(tag, () => this.#owners.idsOf(tag));
    const id = ++addition.eventId;
    this.#addEvent.run(
      ...[id, tag.sourceKind, tag.sourceId, owners.address, owners.identity, owners.session],
      ...[owners.decky, sensor === undefined ? null : this.#owners.sensor(sensor)],
      ...[tag.observedAt ?? at, at, tag.text ?? null],
    );
    return { id, created_at: at };
  }

  /** One tag, if there is one of that uuid. */
  get(uuid: string): StoredTag | undefined {
    const row = this.#uuids.find(uuid);
    return row === undefined ? undefined : tagOf(row);
  }

  /** Tags in the table. */
  count(): number {
    return this.#count.get<{ tags: number }>()?.tags ?? 0;
  }

  /** Tags by tactic id, in the order of the ids. */
  countByTactic(): ReadonlyMap<string, number> {
    const rows = this.#byTactic.all<{ tactic: string; tags: number }>();
    return new Map(rows.map(({ tactic, tags }) => [tactic, tags]));
  }

  /**
   * Raises the confidence of an attacker's tags, each once for a rule. Doing it
   * again raises only tags that have come since.
   *
   * @returns tags that were raised
   */
  bump({ ruleId, attackerUuid, by, ceiling }: Bump): number {
    return this.#database.together(() => {
      this.#totals.count();
      const rows = this.#bumpable.all<BumpRow>(attackerUuid, ceiling, ruleId);
      for (const row of rows) {
        // Without rounding, 0.1 + 0.05 is not the 0.15 that people filter by.
        const raised = Math.min(ceiling, Math.round((row.confidence + by) * 10_000) / 10_000);
        this.#markBumped.run(row.id, ruleId);
        this.#raise.run(raised, row.id);
        this.#totals.move(row, row.confidence, raised);
      }
      return rows.length;
    });
  }

  /**
   * Deletes one chunk of the tags that were neither observed nor labelled since a
   * time, oldest first. Tags of one event go together.
   *
   * @param limit at most so many, unless one event has more
   * @returns how many; 0 when none are left
   */
  prune({ olderThan, limit }: { readonly olderThan: Date; readonly limit: number }): number {
    return this.#removal.ofOldest(olderThan, limit);
  }

  /** Deletes all tags of an attacker and says how many there were. */
  forget(attackerUuid: string): number {
    return this.#removal.ofAttacker(attackerUuid);
  }

  /** Deletes all tags of an address, whosever it was, and says how many there were. */
  forgetAddress(ip: string): number {
    return this.#removal.ofAddress(ip);
  }
}

/** Where one call of `insert` has got to. */
class Addition {
  readonly at: string;
  readonly sensor: string | undefined;
  /** The last ids that were given. */
  tagId: number;
  eventId: number;
  /** The last tag, and its event. */
  last: Tag | undefined;
  event: EventRow = { id: 0, created_at: "" };
  #owners: { readonly of: Tag; readonly ids: OwnerIds } | undefined;

  constructor({ tag, event }: LastIds, at: string, sensor: string | undefined) {
    this.at = at;
    this.sensor = sensor;
    this.tagId = tag;
    this.eventId = event;
  }

  /** The keys of the owners of a tag, which are those of the last one as a rule. */
  ownersOf(tag: Tag, find: () => OwnerIds): OwnerIds {
    if (this.#owners === undefined || !haveSameOwners(this.#owners.of, tag)) {
      this.#owners = { of: tag, ids: find() };
    }
    return this.#owners.ids;
  }

  /** Tags of one event stand together as a rule. */
  isOfSameEvent(tag: Tag): boolean {
    return this.last !== undefined && this.last.sourceId === tag.sourceId &&
      this.last.sourceKind === tag.sourceKind;
  }
}

function haveSameOwners(a: Tag, b: Tag): boolean {
  return a.attackerUuid === b.attackerUuid && a.attackerIp === b.attackerIp &&
    a.identityUuid === b.identityUuid && a.sessionId === b.sessionId && a.deckyId === b.deckyId;
}

function requireAnchor(tag: Tag): void {
  if (tag.attackerUuid !== undefined || tag.identityUuid !== undefined) return;
  throw new StoreError(
    "anchor",
    `tag ${tag.uuid} of rule ${tag.ruleId} has neither attacker_uuid nor identity_uuid; ` +
      "one of them must be set",
  );
}
