import type { TransactionMember } from "../../store/sqlite/database.ts";
import { nameHash } from "./name_hash.ts";
import type { Tag } from "../../tagging/tag.ts";
import { KeyCounts } from "./key_counts.ts";

/** The length of the window that announcements are counted in, in milliseconds. */
const WINDOW_MS = 60_000;

/**
 * Bounds how many tags of one rule and one attacker are announced in a minute.
 * It protects those who listen; what is held back is in the database all the same.
 * As a member of the transactions that tags are written in, it forgets those that
 * are undone: a batch that is tried again must not be held back by its own tries.
 */
export class AnnouncementLimit implements TransactionMember {
  /** Announced tags a minute for each rule and attacker; 0 for no limit. */
  perMinute: number;
  #window = Number.NaN;
  readonly #counts = new KeyCounts();
  /** What was counted in the transaction that is under way, in order. */
  readonly #counted: number[] = [];
  /** How much of it was there when each level of that transaction began. */
  readonly #marks: number[] = [];

  /** @param perMinute as in the field of this name */
  constructor(perMinute: number) {
    this.perMinute = perMinute;
  }

  /**
   * Parts tags into those that are announced and those that are held back.
   *
   * @param now milliseconds since the epoch
   */
  part(tags: readonly Tag[], now: number): { announced: readonly Tag[]; held: readonly Tag[] } {
    if (this.perMinute === 0) return { announced: tags, held: [] };
    const window = Math.floor(now / WINDOW_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts.clear();
    }
    const announced: Tag[] = [];
    const held: Tag[] = [];
    for (const tag of tags) {
      const key = nameHash(`${tag.ruleId} ${tag.attackerUuid ?? tag.identityUuid}`);
      const count = this.#counts.add(key);
      if (this.#marks.length > 0) this.#counted.push(key);
      (count <= this.perMinute ? announced : held).push(tag);
    }
    return { announced, held };
  }

  /** Part of {@linkcode TransactionMember}. */
  begun(): void {
    this.#marks.push(this.#counted.length);
  }

  /** Part of {@linkcode TransactionMember}. */
  kept(): void {
    this.#marks.pop();
  }

  /** Part of {@linkcode TransactionMember}. */
  undone(): void {
    for (const key of this.#counted.splice(this.#marks.pop() ?? 0)) {
      this.#counts.takeBack(key);
    }
  }

  /** Part of {@linkcode TransactionMember}. */
  committed(): void {
    this.#marks.length = this.#counted.length = 0;
  }
}
