/** Room at first; it doubles whenever half of it is taken. */
const FIRST_SLOTS = 1024;

/** Keys at most, in 6 MiB. Who has more of them is not told apart from who begins anew. */
const MAX_KEYS = 262_144;

/**
 * Counts by number in a twelfth of what a `Map` of texts would take: in a storm
 * there are as many keys as attackers and rules, and they live for a minute.
 * Beyond 262,144 keys all are forgotten, and counted from nothing.
 */
export class KeyCounts {
  /** Keys by slot, each with 1 added; 0 where a slot is free. */
  #keys = new Float64Array(FIRST_SLOTS);
  #counts = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  /** Keys that are counted. */
  get size(): number {
    return this.#size;
  }

  /**
   * Counts a key once more.
   *
   * @param key a positive integer below 2 ** 52, its lower half well spread
   * @returns how often it was counted
   */
  add(key: number): number {
    let slot = this.#slotOf(key);
    if (this.#keys[slot] === 0) {
      if (this.#size >= MAX_KEYS) this.clear();
      else if (this.#size * 2 >= this.#keys.length) this.#grow();
      slot = this.#slotOf(key);
      this.#keys[slot] = key + 1;
      this.#size++;
    }
    return ++this.#counts[slot]!;
  }

  /** Takes one back that was counted; nothing for a key that is forgotten. */
  takeBack(key: number): void {
    const slot = this.#slotOf(key);
    if (this.#counts[slot]! > 0) this.#counts[slot]!--;
  }

  /** Forgets all keys, and gives their room back. */
  clear(): void {
    this.#keys = new Float64Array(FIRST_SLOTS);
    this.#counts = new Uint32Array(FIRST_SLOTS);
    this.#size = 0;
  }

  /** Where a key is, or would be. */
  #slotOf(key: number): number {
    const last = this.#keys.length - 1;
    let slot = key & last;
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key + 1) slot = (slot + 1) & last;
    return slot;
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Float64Array(keys.length * 2);
    this.#counts = new Uint32Array(counts.length * 2);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]! - 1;
      if (key < 0) continue;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key + 1;
      this.#counts[slot] = counts[index]!;
    }
  }
}
