import assert from "assert";
import { DatabaseSync } from "sqlite";
import { NOW, Scratch } from "../scratch.ts";
import { failsWith, guarded, rowsAt, shell, write } from "./guarded_file.ts";

Deno.test("a write-ahead log that is removed costs no row: what it held is saved, and writing goes on", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 20);
  const guard = store.guardFile();
  Deno.removeSync(`${scratch.file}-wal`);
  write(store, 1);
  assert.deepEqual(guard.takeNotices().map(({ event, lostPages }) => [event, lostPages]), [
    ["log_removed", 0],
  ]);
  assert.deepEqual(guard.takeNotices(), []);
  assert.equal(store.deadLetters.count(), 26);
  const copy = `${scratch.directory}/copy.db`;
  for (const end of ["", "-wal"]) Deno.copyFileSync(`${scratch.file}${end}`, `${copy}${end}`);
  assert.equal(rowsAt(copy), 26, "a process that dies now leaves every row");
});

Deno.test("a write-ahead log that is removed while a batch is written does not hide the batch", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 5);
  store.transaction(() => {
    store.deadLetters.add({ topic: "t", reason: "r", excerpt: "last", at: NOW });
    Deno.removeSync(`${scratch.file}-wal`);
  });
  const copy = `${scratch.directory}/copy.db`;
  Deno.copyFileSync(scratch.file, copy);
  assert.equal(rowsAt(copy), 11, "it is in the file before anybody hears of its success");
});

Deno.test("a log that cannot be saved while somebody reads is saved once they are done", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 5);
  const reader = new DatabaseSync(scratch.file, { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM dead_letter").get();
  write(store, 5);
  Deno.removeSync(`${scratch.file}-wal`);
  assert.throws(() => write(store, 1), failsWith("locked", /was removed and cannot be saved/));
  reader.exec("COMMIT");
  reader.close();
  write(store, 1);
  assert.equal(store.deadLetters.count(), 16);
});

Deno.test("a log that another process has begun anew is not mixed with the old one", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 5);
  Deno.renameSync(`${scratch.file}-wal`, `${scratch.file}.old`);
  Deno.writeTextFileSync(`${scratch.file}-wal`, "not empty");
  assert.throws(() => write(store, 1), failsWith("moved", /was replaced and another process/));
  Deno.renameSync(`${scratch.file}.old`, `${scratch.file}-wal`);
  write(store, 1);
  assert.equal(store.deadLetters.count(), 11);
});

Deno.test("a log that is cut to nothing fails the batch, tells how much is lost, and writing goes on", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 20);
  const guard = store.guardFile();
  assert.throws(
    () =>
      store.transaction(() => {
        store.deadLetters.add({ topic: "t", reason: "r", excerpt: "last", at: NOW });
        shell('truncate -s 0 "$0"', `${scratch.file}-wal`);
      }),
    failsWith("io", /-wal was cut$/),
    "what is written behind the cut would hide it",
  );
  const lost = /was cut; \d+ pages written since the last checkpoint are lost/;
  assert.throws(() => write(store, 1), failsWith("io", lost));
  const [notice] = guard.takeNotices();
  assert.ok(notice?.event === "log_cut");
  assert.ok(notice.lostPages >= 20, `${notice.lostPages}`);
  assert.equal(store.deadLetters.count(), 5);
  write(store, 3);
  assert.equal(store.deadLetters.count(), 8);
  store.close();
  assert.equal(rowsAt(scratch.file), 8);
});

Deno.test("a log that is cut in the middle keeps the commits before the cut", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 20);
  // The index stays in use as long as anybody has the database open.
  const other = new DatabaseSync(scratch.file, { readOnly: true });
  other.prepare("SELECT count(*) FROM dead_letter").get();
  const { size } = Deno.statSync(`${scratch.file}-wal`);
  shell(`truncate -s ${Math.floor(size / 2)} "$0"`, `${scratch.file}-wal`);
  assert.throws(() => write(store, 1), failsWith("io", /was cut/));
  const kept = store.deadLetters.count();
  assert.ok(kept > 5 && kept < 25, `${kept}`);
  write(store, 1);
  assert.equal(other.prepare("SELECT count(*) AS rows FROM dead_letter").get()?.["rows"], kept + 1);
  other.close();
  store.close();
  assert.equal(rowsAt(scratch.file), kept + 1);
});

Deno.test("a log that is cut after a part of it was moved is told, and nothing is written over what no longer fits", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 10);
  const reader = new DatabaseSync(scratch.file, { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM dead_letter").get();
  write(store, 10);
  assert.equal(store.guardFile().checkpoint("PASSIVE"), false, "the reader is in the way");
  reader.exec("COMMIT");
  reader.close();
  const moved = Deno.readFileSync(scratch.file);
  // Twenty pages are left, whole commits among them.
  shell(`truncate -s ${32 + 20 * 4120} "$0"`, `${scratch.file}-wal`);
  assert.throws(() => write(store, 1), failsWith("io", /was cut/));
  const file = Deno.readFileSync(scratch.file);
  assert.equal(Deno.statSync(`${scratch.file}-wal`).size, 0, "they are older than what was moved");
  assert.ok(moved.every((byte, at) => file[at] === byte), "and nothing of them was moved");
  assert.ok((store.guardFile().takeNotices()[0]?.lostPages ?? 0) >= 20);
  // Which pages were moved decides whether the rest fits: what does not is refused.
  const { database } = store;
  if (database.scalar("PRAGMA quick_check") === "ok") write(store, 1);
  else assert.throws(() => write(store, 1), failsWith("corrupt", /malformed/));
  assert.ok(store.deadLetters.count() >= 5);
});

Deno.test("a log that is cut behind the part of it that was moved keeps what is left", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 10);
  const { size } = Deno.statSync(`${scratch.file}-wal`);
  const reader = new DatabaseSync(scratch.file, { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM dead_letter").get();
  write(store, 10);
  store.guardFile().checkpoint("PASSIVE");
  reader.exec("COMMIT");
  reader.close();
  shell(`truncate -s ${size + 50_000} "$0"`, `${scratch.file}-wal`);
  assert.throws(() => write(store, 1), failsWith("io", /was cut/));
  const kept = store.deadLetters.count();
  assert.ok(kept >= 15 && kept < 25, `${kept}`);
  write(store, 1);
  store.close();
  assert.equal(rowsAt(scratch.file), kept + 1);
});

Deno.test("a log whose pages were all moved loses nothing when it is cut", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 5);
  assert.ok(store.guardFile().checkpoint("PASSIVE"));
  shell('truncate -s 0 "$0"', `${scratch.file}-wal`);
  write(store, 1);
  assert.equal(store.guardFile().takeNotices()[0]?.lostPages, 0);
  assert.equal(store.deadLetters.count(), 11);
});

Deno.test("a log that another process empties in good order is no fault", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 5);
  for (let turn = 0; turn < 3; turn++) {
    const other = new DatabaseSync(scratch.file);
    other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    other.close();
    write(store, 2);
  }
  assert.deepEqual(store.guardFile().takeNotices(), []);
  assert.equal(store.deadLetters.count(), 16);
});

Deno.test("nobody but the guard moves the log of a guarded file", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 1, 1);
  const limit = () => store.database.scalar("PRAGMA wal_autocheckpoint");
  assert.equal(limit(), 0);
  shell('rm "$0"', `${scratch.file}-wal`);
  write(store, 1);
  assert.equal(limit(), 0, "the connection that was made anew");
});
