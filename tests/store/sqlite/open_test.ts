import assert from "assert";
import { DatabaseSync } from "sqlite";
import { Database } from "../../../lib/store/sqlite/database.ts";
import type { StoreError, StoreErrorCode } from "../../../lib/store/sqlite/errors.ts";
import { migrate, SCHEMA_VERSION } from "../../../lib/store/sqlite/migrate.ts";
import { NOW, Scratch, tag } from "../scratch.ts";

/** Expects an error of a code whose message names the file. */
function refused(code: StoreErrorCode, pattern: RegExp, file: string): (error: StoreError) => true {
  return (error) => {
    assert.equal(error.name, "StoreError");
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    assert.ok(error.message.includes(file), error.message);
    assert.equal(error.message.split("\n").length, 1);
    return true;
  };
}

Deno.test("a new file is set up as the operator expects", () => {
  using scratch = new Scratch();
  const { database } = scratch.open();
  const pragma = (name: string) => database.scalar(`PRAGMA ${name}`);
  assert.equal(pragma("journal_mode"), "wal");
  assert.equal(pragma("synchronous"), 1);
  assert.equal(pragma("busy_timeout"), 5000);
  assert.equal(pragma("foreign_keys"), 1);
  assert.equal(pragma("auto_vacuum"), 2);
  assert.equal(pragma("journal_size_limit"), 64 * 1024 * 1024);
  assert.equal(pragma("user_version"), SCHEMA_VERSION);
  assert.equal(scratch.open({ synchronous: "full" }).database.scalar("PRAGMA synchronous"), 2);
});

Deno.test("what was written is there after opening again", () => {
  using scratch = new Scratch();
  const first = scratch.open();
  first.tags.insert([tag()], NOW);
  first.close();
  assert.equal(scratch.open().tags.count(), 1);
});

Deno.test("a path that cannot be a database is refused with its reason", () => {
  using scratch = new Scratch();
  const missing = `${scratch.directory}/none/x.db`;
  assert.throws(
    () => scratch.open({}, missing),
    refused("cannot_open", /cannot be created.*directory/, missing),
  );
  assert.throws(
    () => scratch.open({}, scratch.directory),
    refused("cannot_open", /not a regular file/, scratch.directory),
  );
});

for (const access of ["existing", "read_only"] as const) {
  Deno.test(`a missing file is not made when it is opened as ${access}`, () => {
    using scratch = new Scratch();
    assert.throws(
      () => scratch.open({ access }),
      refused("cannot_open", /there is no database/, scratch.file),
    );
    assert.deepEqual([...Deno.readDirSync(scratch.directory)], []);
  });
}

Deno.test("a store that was opened for reading reads, and refuses to write", () => {
  using scratch = new Scratch();
  scratch.open().tags.insert([tag()], NOW);
  const reader = scratch.open({ access: "read_only" });
  assert.equal(reader.tags.count(), 1);
  assert.throws(
    () => reader.tags.insert([tag()], NOW),
    (error: StoreError) => error.code === "read_only" && error.transient,
  );
});

Deno.test("a file of a newer program is refused and left as it is", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.database.run(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  store.close();
  const before = Deno.readFileSync(scratch.file);
  for (const access of ["create", "existing", "read_only"] as const) {
    assert.throws(
      () => scratch.open({ access }),
      refused("newer_schema", /newer program/, scratch.file),
    );
  }
  assert.deepEqual(Deno.readFileSync(scratch.file), before);
});

Deno.test("an older file is not read as if it were current", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.database.run("PRAGMA user_version = 0");
  store.close();
  assert.throws(
    () => scratch.open({ access: "read_only" }),
    refused("older_schema", /brings it up to date/, scratch.file),
  );
});

Deno.test("another program's database is refused and left as it is", () => {
  using scratch = new Scratch();
  const foreign = new DatabaseSync(scratch.file);
  foreign.exec("CREATE TABLE bookmarks (url TEXT)");
  foreign.close();
  assert.throws(
    () => scratch.open(),
    refused("cannot_open", /another program/, scratch.file),
  );
  const again = new DatabaseSync(scratch.file);
  assert.equal(again.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"], 1);
  again.close();
});

Deno.test("a file that is no database is refused and left as it is", () => {
  using scratch = new Scratch();
  const text = "this is no database\n".repeat(500);
  Deno.writeTextFileSync(scratch.file, text);
  assert.throws(() => scratch.open(), refused("corrupt", /move the file away/, scratch.file));
  assert.equal(Deno.readTextFileSync(scratch.file), text);
});

Deno.test("a damaged file is refused at start and left as it is", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  for (let i = 0; i < 20; i++) store.tags.insert(Array.from({ length: 50 }, () => tag()), NOW);
  store.close();
  const bytes = Deno.readFileSync(scratch.file);
  bytes.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + 3 * 4096);
  Deno.writeFileSync(scratch.file, bytes);
  assert.throws(() => scratch.open(), refused("corrupt", /damaged.*recover/, scratch.file));
  assert.deepEqual(Deno.readFileSync(scratch.file), bytes);
});

Deno.test("a truncated file is refused", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert(Array.from({ length: 200 }, () => tag()), NOW);
  store.close();
  Deno.truncateSync(scratch.file, 40_000);
  assert.throws(() => scratch.open(), refused("corrupt", /recover/, scratch.file));
});

Deno.test("a file that another process has set up at the same moment is taken as it is", () => {
  using scratch = new Scratch();
  Deno.writeFileSync(scratch.file, new Uint8Array());
  const database = new Database(scratch.file, false);
  const transaction = database.transaction.bind(database);
  database.transaction = (work) => {
    database.transaction = transaction;
    scratch.open().tags.insert([tag()], NOW);
    return transaction(work);
  };
  migrate(database);
  assert.equal(database.scalar("SELECT count(*) FROM tag"), 1);
  database.close();
});
