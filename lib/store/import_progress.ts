import type { Store } from "./store.ts";

/** How far a file has been imported. */
export interface ImportProgress {
  /** What it holds. */
  readonly format: string;
  /** Bytes of its unpacked text that need not be read again. */
  readonly offset: number;
  /** Lines of it. */
  readonly lines: number;
  /** Bytes of its text that were read; what lies between is read again for open sessions alone. */
  readonly read?: number;
  /** Where those sessions begin, in bytes. */
  readonly open?: readonly number[];
  /** SHA-256 of the first `headBytes` of the file, so that another file of that name begins anew. */
  readonly head: string;
  readonly headBytes: number;
}

/** Reads how far a file has been imported; nothing when it is not known. */
export function importProgress(store: Store, file: string): ImportProgress | undefined {
  const row = store.database.prepare("SELECT value FROM meta WHERE key = ?")
    .get<{ value: string }>(keyOf(file));
  return row === undefined ? undefined : JSON.parse(row.value) as ImportProgress;
}

/** Keeps how far a file has been imported; in the transaction of what was imported. */
export function keepImportProgress(store: Store, file: string, progress: ImportProgress): void {
  const value = JSON.stringify(progress);
  store.database.prepare(
    `INSERT INTO meta (key, value) VALUES (?, ?)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  ).run(keyOf(file), value);
  store.importBound.added(keyOf(file).length + value.length);
}

function keyOf(file: string): string {
  return `import:${file}`;
}
