import { SUPPRESSED_TYPE, TTP_RULE_SUPPRESSED } from "../../bus/subjects.ts";
import type { SuppressedSum } from "../../store/rules/suppressed.ts";
import type { Suppression, Tag } from "../../tagging/tag.ts";
import type { Announcement } from "./announcements.ts";

/** A rule and reason are announced at most this often, in milliseconds. */
const ANNOUNCE_EVERY_MS = 60_000;

/** Matches that are remembered, so that a replay of their events is not counted again. */
const MAX_REMEMBERED = 65_536;

/** Rules that are named as those that most was held back of. */
const MAX_NAMED = 10;

/** A tag whose announcement was held back. */
export type HeldBack = Pick<
  Tag,
  "uuid" | "ruleId" | "techniqueId" | "attackerUuid" | "identityUuid"
>;

interface Gathered {
  latest: Suppression;
  count: number;
  firstTag: string | undefined;
  lastTag: string | undefined;
  announcedAt: number;
}

/**
 * Gathers what was not written or not announced and tells of it in sum: at most
 * one message a minute per rule and reason, with the count since the last one.
 */
export class Suppressions {
  readonly #gathered = new Map<string, Gathered>();
  readonly #totals = new Map<string, number>();
  /** What was not handed over for keeping yet, by rule and reason. */
  #unkept = new Map<string, SuppressedSum & { count: number }>();
  /** The newest matches, and those before them. */
  #recent = new Set<string>();
  #older = new Set<string>();

  /** Counts a match that was not written; one that comes again with a replay of its event counts once. */
  add(suppression: Suppression): void {
    const { tagUuid } = suppression;
    if (this.#recent.has(tagUuid) || this.#older.has(tagUuid)) return;
    if (this.#recent.size >= MAX_REMEMBERED / 2) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(tagUuid);
    this.#gather(suppression);
  }

  /** Counts a tag that was written and whose announcement was held back. */
  hold(tag: HeldBack): void {
    const { ruleId, techniqueId, attackerUuid, identityUuid } = tag;
    const gathered = this.#gather({
      tagUuid: tag.uuid,
      ruleId,
      techniqueId,
      reason: "rate_limited",
      ...(attackerUuid !== undefined && { attackerUuid }),
      ...(identityUuid !== undefined && { identityUuid }),
    });
    gathered.firstTag ??= tag.uuid;
    gathered.lastTag = tag.uuid;
  }

  /** Everything held back since the start, by rule. */
  get totals(): ReadonlyMap<string, number> {
    return this.#totals;
  }

  /** The rules that most was held back of since the start, with how much. */
  top(rules: number = MAX_NAMED): Readonly<Record<string, number>> {
    const most = [...this.#totals].sort(([, a], [, b]) => b - a);
    return Object.fromEntries(most.slice(0, rules));
  }

  /**
   * Hands over what was held back since the last time and forgets it once that has succeeded.
   *
   * @param write keeps the sums; when it throws, they are handed over again
   * @returns whether there was anything
   */
  keep(write: (sums: readonly SuppressedSum[]) => void): boolean {
    if (this.#unkept.size === 0) return false;
    write([...this.#unkept.values()]);
    this.#unkept = new Map();
    return true;
  }

  /**
   * Hands over what is due to be announced and forgets it once that has succeeded.
   *
   * @param now milliseconds since the epoch
   * @param write takes the announcements; when it throws, they are due again
   * @param all also what was announced less than a minute ago, for the end of the program
   * @returns whether anything was due
   */
  announce(
    now: number,
    write: (announcements: readonly Announcement[]) => void,
    all = false,
  ): boolean {
    const due = Array.from(this.#gathered.values()).filter((gathered) => {
      const quiet = now >= gathered.announcedAt && now - gathered.announcedAt < ANNOUNCE_EVERY_MS;
      return gathered.count > 0 && (all || !quiet);
    });
    if (due.length === 0) return false;
    write(due.map(announcementOf));
    for (const gathered of due) {
      gathered.count = 0;
      gathered.firstTag = gathered.lastTag = undefined;
      gathered.announcedAt = now;
    }
    return true;
  }

  #gather(suppression: Suppression): Gathered {
    const { ruleId, reason } = suppression;
    this.#totals.set(ruleId, (this.#totals.get(ruleId) ?? 0) + 1);
    const key = `${ruleId} ${reason}`;
    const unkept = this.#unkept.get(key);
    if (unkept === undefined) this.#unkept.set(key, { ruleId, reason, count: 1 });
    else unkept.count++;
    let gathered = this.#gathered.get(key);
    if (gathered === undefined) {
      gathered = {
        latest: suppression,
        count: 0,
        firstTag: undefined,
        lastTag: undefined,
        announcedAt: -Infinity,
      };
      this.#gathered.set(key, gathered);
    }
    gathered.latest = suppression;
    gathered.count++;
    return gathered;
  }
}

function announcementOf({ latest, count, firstTag, lastTag }: Gathered): Announcement {
  return {
    subject: TTP_RULE_SUPPRESSED,
    type: SUPPRESSED_TYPE,
    payload: {
      rule_id: latest.ruleId,
      technique_id: latest.techniqueId,
      reason: latest.reason,
      attacker_uuid: latest.attackerUuid ?? null,
      identity_uuid: latest.identityUuid ?? null,
      count,
      ...(firstTag !== undefined && { first_tag_uuid: firstTag, last_tag_uuid: lastTag }),
    },
  };
}
