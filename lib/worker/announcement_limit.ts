import type { Tag } from "../tagging/tag.ts";

/** The length of the window that announcements are counted in, in milliseconds. */
const WINDOW_MS = 60_000;

/**
 * Bounds how many tags of one rule and one attacker are announced in a minute.
 * It protects those who listen; what is held back is in the database all the same.
 */
export class AnnouncementLimit {
  readonly #perMinute: number;
  #window = Number.NaN;
  #counts = new Map<string, number>();

  /** @param perMinute announced tags a minute for each rule and attacker; 0 for no limit */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Parts tags into those that are announced and those that are held back.
   *
   * @param now milliseconds since the epoch
   */
  part(tags: readonly Tag[], now: number): { announced: readonly Tag[]; held: readonly Tag[] } {
    if (this.#perMinute === 0) return { announced: tags, held: [] };
    const window = Math.floor(now / WINDOW_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts = new Map();
    }
    const announced: Tag[] = [];
    const held: Tag[] = [];
    for (const tag of tags) {
      const key = `${tag.ruleId} ${tag.attackerUuid ?? tag.identityUuid}`;
      const count = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, count);
      (count <= this.#perMinute ? announced : held).push(tag);
    }
    return { announced, held };
  }
}
