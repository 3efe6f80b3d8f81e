import type { Store } from "../../../store/store.ts";
import type { Tag } from "../../../tagging/tag.ts";

/** Tags that are stored together. */
const STORE_CHUNK = 500;

/** Stores tags in chunks, and counts what it could not store. */
export class TagKeeper implements Disposable {
  readonly #store: Store;
  #waiting: Tag[] = [];
  #stored = 0;
  #known = 0;
  #nobodys = 0;

  /** @param store is closed with the keeper */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Takes the tags of one item. */
  keep(tags: readonly Tag[]): void {
    for (const tag of tags) {
      if (tag.attackerUuid === undefined && tag.identityUuid === undefined) this.#nobodys += 1;
      else this.#waiting.push(tag);
    }
    if (this.#waiting.length >= STORE_CHUNK) this.flush();
  }

  /** Writes what is gathered. */
  flush(): void {
    const inserted = this.#store.tags.insert(this.#waiting, new Date());
    this.#stored += inserted.length;
    this.#known += this.#waiting.length - inserted.length;
    this.#waiting = [];
  }

  /** What was done, in a line or two. */
  summary(): readonly string[] {
    const lines = [`${this.#stored} tags stored, ${this.#known} were there already`];
    if (this.#nobodys > 0) {
      lines.push(
        `warning: ${this.#nobodys} tags were not stored: they belong to nobody; events need an ` +
          "attacker_uuid or identity_uuid, lines of commands need --attacker",
      );
    }
    return lines;
  }

  /** Closes the store. */
  [Symbol.dispose](): void {
    this.#store.close();
  }
}
