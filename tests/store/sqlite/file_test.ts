import assert from "assert";
import { requireOwner } from "../../../lib/store/sqlite/file.ts";
import type { StoreError } from "../../../lib/store/sqlite/errors.ts";
import { NOW, Scratch, tag } from "../scratch.ts";

/** Files have no such mode there. */
const ignore = Deno.build.os === "windows";

const modes = (scratch: Scratch) =>
  Object.fromEntries(
    [...Deno.readDirSync(scratch.directory)].map(({ name }) => [
      name,
      ((Deno.statSync(`${scratch.directory}/${name}`).mode ?? 0) & 0o777).toString(8),
    ]),
  );

Deno.test({
  name: "nobody else can read the database and its companions",
  ignore,
  fn() {
    using scratch = new Scratch();
    scratch.open().tags.insert([tag()], NOW);
    assert.deepEqual(modes(scratch), { "ttp.db": "600", "ttp.db-shm": "600", "ttp.db-wal": "600" });
  },
});

Deno.test({
  name: "a database that others could read is made private when it is opened",
  ignore,
  fn() {
    using scratch = new Scratch();
    scratch.open().close();
    Deno.chmodSync(scratch.file, 0o666);
    scratch.open().tags.insert([tag()], NOW);
    assert.deepEqual(modes(scratch), { "ttp.db": "600", "ttp.db-shm": "600", "ttp.db-wal": "600" });
  },
});

Deno.test("a database belongs to who writes it, except for root", () => {
  const allowed: [number | null, number | undefined][] = [
    [1000, 1000],
    [1000, 0],
    [0, 0],
    [null, 1000],
    [1000, undefined],
  ];
  for (const [owner, user] of allowed) requireOwner("x.db", owner, user);
  for (const [owner, user] of [[0, 1000], [1000, 1001]] as const) {
    assert.throws(
      () => requireOwner("x.db", owner, user),
      (error: StoreError) =>
        error.code === "cannot_open" && error.message.includes(`user ${owner}`) &&
        error.message.includes(`user ${user}`),
    );
  }
});
