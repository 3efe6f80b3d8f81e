import { Store } from "../../lib/store/store.ts";
import type { StoreOptions } from "../../lib/store/sqlite/open.ts";
import { tagUuid } from "../../lib/tagging/identity.ts";
import type { Tag } from "../../lib/tagging/tag.ts";

/** A directory of its own for one test, gone at the end of the block. */
export class Scratch implements Disposable {
  readonly directory: string = Deno.makeTempDirSync({ prefix: "ttp_store_" });
  readonly #stores: Store[] = [];

  /** Path of the database in it. */
  get file(): string {
    return `${this.directory}/ttp.db`;
  }

  /** Opens the database, or one of another path; it is closed at the end of the block. */
  open(options?: StoreOptions, path: string = this.file): Store {
    const store = Store.open(path, options);
    this.#stores.push(store);
    return store;
  }

  [Symbol.dispose](): void {
    for (const store of this.#stores) store.close();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

/** Time at which the tests take place. */
export const NOW = new Date("2026-03-01T12:30:00.000Z");

/** The tests' time, so many minutes later. */
export function after(minutes: number): Date {
  return new Date(NOW.getTime() + minutes * 60_000);
}

let lastCommand = 0;

/** A tag of a command of its own, and of attacker `a1`, unless told otherwise. */
export function tag(parts: Partial<Tag> = {}): Tag {
  const key = {
    sourceKind: "command",
    sourceId: `cmd_${++lastCommand}`,
    techniqueId: "T1083",
    ruleId: "R0015",
    ruleVersion: 1,
    ...parts,
  } as const;
  return {
    uuid: tagUuid(key),
    ...key,
    attackerUuid: "a1",
    tactic: "TA0007",
    confidence: 0.8,
    evidence: { matched: "find /" },
    attackRelease: "enterprise-19.1",
    mitreUrl: "https://attack.mitre.org/techniques/T1083/",
    ...parts,
  };
}

/** A tag without an attacker. */
export function identityTag(identityUuid: string, parts: Partial<Tag> = {}): Tag {
  const { attackerUuid: _, ...rest } = tag(parts);
  return { ...rest, identityUuid };
}
