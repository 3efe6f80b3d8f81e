import { DatabaseSync } from "sqlite";
import { APPLICATION_ID, MIGRATIONS } from "../../lib/store/sqlite/schema.ts";
import { Settling } from "../../lib/store/tags/settling.ts";
import { Store } from "../../lib/store/store.ts";
import type { StoreOptions } from "../../lib/store/sqlite/open.ts";
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

/** A tag with a random uuid, of attacker `a1` unless told otherwise. */
export function tag(parts: Partial<Tag> = {}): Tag {
  return {
    uuid: crypto.randomUUID(),
    sourceKind: "command",
    sourceId: "cmd_1",
    attackerUuid: "a1",
    tactic: "TA0007",
    techniqueId: "T1083",
    confidence: 0.8,
    ruleId: "R0015",
    ruleVersion: 1,
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

/** Makes an empty file as a program with an older schema has made it. */
export function olderFile(path: string, version: number): DatabaseSync {
  const file = new DatabaseSync(path);
  for (const change of MIGRATIONS.slice(0, version).flat()) {
    if (typeof change !== "string") throw new Error("the steps behind version 2 are more than SQL");
    file.exec(change);
  }
  file.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}`);
  return file;
}

/** Brings the indexes of all tags up to date, which otherwise waits for thousands of them. */
export function settle({ database }: Store): void {
  database.transaction(() => {
    const last = Number(database.scalar("SELECT coalesce(max(last_tag), 0) FROM tag_origin"));
    const settling = new Settling(database);
    settling.settleNames(last);
    settling.settleLabels(last);
  });
}
