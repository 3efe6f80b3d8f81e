import assert from "assert";
import { join } from "node:path";
import { DeadLetterFiles } from "../../../lib/store/queues/dead_letter_files.ts";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
import { NOW, Scratch } from "../scratch.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function namesIn(directory: string): readonly string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name);
}

/** Makes a file look as if it had been written so many seconds ago. */
function age(path: string, seconds: number): void {
  const at = new Date(Date.now() - seconds * 1000);
  Deno.utimeSync(path, at, at);
}

Deno.test("a message comes back byte for byte, for its owner alone, under a name that says nothing of it", () => {
  using scratch = new Scratch();
  const files = new DeadLetterFiles(scratch.file);
  const data = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7);
  const name = files.keep(data);
  assert.match(name, /^[0-9a-f]{32}\.event$/);
  assert.deepEqual(files.read(name), data);
  assert.equal(Deno.statSync(join(files.directory, name)).mode! & 0o777, 0o600);
  assert.equal(Deno.statSync(files.directory).mode! & 0o777, 0o700);
  assert.deepEqual(namesIn(files.directory), [name], "no draft is left");
  assert.equal(files.keep(data), name);
  assert.notEqual(files.keep(bytes("another")), name);
});

Deno.test("a draft that was broken off does no harm", () => {
  using scratch = new Scratch();
  const files = new DeadLetterFiles(scratch.file);
  const name = files.keep(bytes("the message"));
  files.remove(name);
  Deno.writeTextFileSync(join(files.directory, `${name}.tmp`), "something longer than the message");
  assert.equal(files.read(name), undefined);
  assert.equal(files.keep(bytes("the message")), name);
  assert.deepEqual(files.read(name), bytes("the message"));
});

for (const name of ["../ttp.db", "/etc/passwd", "x.event", "", `${"a".repeat(32)}.event/..`]) {
  Deno.test(`no file is read or removed under the name "${name}"`, () => {
    using scratch = new Scratch();
    scratch.open().close();
    const files = new DeadLetterFiles(scratch.file);
    files.keep(bytes("a"));
    assert.equal(files.read(name), undefined);
    files.remove(name);
    assert.ok(Deno.statSync(scratch.file).isFile);
  });
}

for (
  const [what, limits, kept] of [
    ["number", { maxFiles: 2 }, ["c", "d"]],
    ["bytes", { maxBytes: 25 }, ["c", "d"]],
    ["bytes of the newest alone", { maxBytes: 1 }, ["d"]],
  ] as const
) {
  Deno.test(`the oldest files go when there are too many, by ${what}`, () => {
    using scratch = new Scratch();
    const files = new DeadLetterFiles(scratch.file, limits);
    const texts = ["a", "b", "c", "d"];
    const names = texts.map((text, index) => {
      const name = files.keep(bytes(text.repeat(10)));
      age(join(files.directory, name), 100 - index);
      return name;
    });
    const left = texts.filter((_, index) => files.read(names[index]!) !== undefined);
    assert.deepEqual(left, kept);
  });
}

Deno.test("files that no dead letter names are removed after ten minutes, drafts too", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const { deadLetterFiles: files, deadLetters } = store;
  const named = files.keep(bytes("named"));
  const orphan = files.keep(bytes("orphan"));
  const fresh = files.keep(bytes("fresh"));
  deadLetters.add({ topic: "a", reason: "b", excerpt: "c", file: named, at: NOW });
  const draft = `${orphan}.tmp`;
  Deno.writeTextFileSync(join(files.directory, draft), "");
  for (const name of [named, orphan, draft]) age(join(files.directory, name), 601);
  store.sweepDeadLetterFiles(Date.now());
  assert.deepEqual(namesIn(files.directory).toSorted(), [named, fresh].toSorted());
});

Deno.test("nothing is there to remove before anything was kept", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.sweepDeadLetterFiles(Date.now());
  assert.deepEqual(store.deadLetterFiles.naming("a1"), []);
});

Deno.test("a folder that cannot be written is a failure of the store that passes", () => {
  using scratch = new Scratch();
  const files = new DeadLetterFiles(scratch.file);
  Deno.writeTextFileSync(files.directory, "");
  assert.throws(
    () => files.keep(bytes("a")),
    (error: unknown) =>
      error instanceof StoreError && error.transient && !error.ownFault &&
      error.message.includes(files.directory),
  );
});

Deno.test("who is forgotten is forgotten in the files too, and in the rows that name them", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const { deadLetterFiles: files, deadLetters } = store;
  store.attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: NOW });
  const keep = (text: string): string => {
    const file = files.keep(bytes(text));
    // What is kept in the row does not name the attacker.
    deadLetters.add({ topic: "a", reason: "b", excerpt: "{", file, at: NOW });
    return file;
  };
  const [byUuid, byIp, other] = ['{"a":"a1"}', '{"a":"192.0.2.1"}', '{"a":"a11"}'].map(keep);
  assert.equal(store.forget({ uuid: "a1" }).deadLetters, 2);
  assert.deepEqual([byUuid, byIp].map((name) => files.read(name!)), [undefined, undefined]);
  assert.notEqual(files.read(other!), undefined);
  assert.deepEqual(deadLetters.list(9).map(({ file }) => file), [other]);
});

Deno.test("a message whose draft cannot be written is not there at all", () => {
  using scratch = new Scratch();
  const files = new DeadLetterFiles(scratch.file);
  const name = files.keep(bytes("whole"));
  files.remove(name);
  Deno.mkdirSync(join(files.directory, `${name}.tmp`));
  assert.throws(() => files.keep(bytes("whole")), StoreError);
  assert.equal(files.read(name), undefined);
});
