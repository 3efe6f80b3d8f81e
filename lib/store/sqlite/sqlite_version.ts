import { DatabaseSync } from "sqlite";

/** Version of the SQLite library inside the runtime, as it says itself. */
export function sqliteVersion(): string {
  const database = new DatabaseSync(":memory:");
  try {
    return String(database.prepare("SELECT sqlite_version() AS version").get()?.["version"]);
  } finally {
    database.close();
  }
}
