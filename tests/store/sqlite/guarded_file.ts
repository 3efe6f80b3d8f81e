import assert from "assert";
import { DatabaseSync } from "sqlite";
import { StoreError, type StoreErrorCode } from "../../../lib/store/sqlite/errors.ts";
import type { Store } from "../../../lib/store/store.ts";
import { NOW, type Scratch } from "../scratch.ts";

/** A guarded database with so many rows in the file and so many more in the log. */
export function guarded(scratch: Scratch, inFile: number, inLog: number): Store {
  const store = scratch.open();
  store.guardFile();
  write(store, inFile);
  assert.ok(store.checkpoint());
  write(store, inLog);
  return store;
}

let written = 0;

/** Each row takes a page, and is its own transaction. */
export function write(store: Store, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const excerpt = `${written++}`.padEnd(3000, "x");
    store.transaction(() => store.deadLetters.add({ topic: "t", reason: "r", excerpt, at: NOW }));
  }
}

/** Rows that somebody who opens the file finds, in a file that is well. */
export function rowsAt(path: string): number {
  const database = new DatabaseSync(path);
  try {
    assert.equal(database.prepare("PRAGMA quick_check").get()?.["quick_check"], "ok");
    return Number(database.prepare("SELECT count(*) AS rows FROM dead_letter").get()?.["rows"]);
  } finally {
    database.close();
  }
}

/** Another process does it: what this one closes would lose the locks of its connections. */
export function shell(script: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command("sh", { args: ["-ec", script, ...args] })
    .outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** For `assert.throws()`. */
export function failsWith(code: StoreErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof StoreError && error.code === code && message.test(error.message);
}
