import assert from "assert";
import { FileGuard } from "../../../lib/store/sqlite/file_guard.ts";
import { NOW, Scratch } from "../scratch.ts";
import { failsWith, guarded, rowsAt, shell, write } from "./guarded_file.ts";

for (
  const [what, how, script] of [
    ["cut", "to nothing", 'truncate -s 0 "$0"'],
    ["cut", "behind its header", 'truncate -s 136 "$0"'],
    ["removed", "", 'rm "$0"'],
  ] as const
) {
  Deno.test(`an index that is ${what} ${how} is made anew, and no row is lost`, () => {
    using scratch = new Scratch();
    const store = guarded(scratch, 5, 20);
    shell(script, `${scratch.file}-shm`);
    write(store, 1);
    assert.equal(store.guardFile().takeNotices()[0]?.event, `index_${what}`);
    write(store, 1);
    assert.deepEqual(store.guardFile().takeNotices(), []);
    assert.equal(store.deadLetters.count(), 27);
    store.close();
    assert.equal(rowsAt(scratch.file), 27);
  });
}

Deno.test("a file that is moved is complete where it is, and is written again once it is back", () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 20);
  Deno.renameSync(scratch.file, `${scratch.file}.moved`);
  assert.throws(() => write(store, 1), failsWith("moved", /was moved, removed or replaced/));
  const copy = `${scratch.directory}/copy.db`;
  Deno.copyFileSync(`${scratch.file}.moved`, copy);
  assert.equal(rowsAt(copy), 25, "without its log");
  assert.equal(Deno.statSync(`${scratch.file}-wal`).size, 0, "no log is left for another file");
  Deno.renameSync(`${scratch.file}.moved`, scratch.file);
  write(store, 1);
  assert.equal(store.deadLetters.count(), 26);
});

Deno.test("a file that is replaced gets nothing of the one before", () => {
  using scratch = new Scratch();
  using another = new Scratch();
  another.open().close();
  const store = guarded(scratch, 5, 20);
  Deno.copyFileSync(another.file, `${scratch.file}.new`);
  Deno.renameSync(`${scratch.file}.new`, scratch.file);
  assert.throws(() => write(store, 1), failsWith("moved", /was moved, removed or replaced/));
  store.close();
  assert.equal(rowsAt(scratch.file), 0);
});

Deno.test("a database whose files are all removed is saved beside its place", async () => {
  using scratch = new Scratch();
  const store = guarded(scratch, 5, 20);
  assert.equal(await store.guardFile().saveRemoved(), undefined, "not while it is there");
  for (const end of ["", "-wal", "-shm"]) Deno.removeSync(`${scratch.file}${end}`);
  assert.throws(() => write(store, 1), failsWith("moved", /was moved, removed or replaced/));
  const saved = await store.guardFile().saveRemoved();
  assert.match(saved ?? "", /ttp\.db\.saved-[\dTZ-]+$/);
  assert.equal(Deno.statSync(saved!).mode! & 0o777, 0o600);
  assert.equal(rowsAt(saved!), 25);
  assert.throws(() => Deno.statSync(scratch.file), Deno.errors.NotFound, "none was made");
});

const DAMAGES: Readonly<Record<string, string>> = {
  "cut to nothing": 'truncate -s 0 "$0"',
  "cut to one page": 'truncate -s 4096 "$0"',
  "cut to the half": 'truncate -s $(($(stat -c %s "$0") / 8192 * 4096)) "$0"',
  "overwritten at its head": 'dd if=/dev/urandom of="$0" bs=4096 count=1 conv=notrunc 2>/dev/null',
  "overwritten in its middle":
    'dd if=/dev/urandom of="$0" bs=4096 seek=8 count=40 conv=notrunc 2>/dev/null',
};

for (const [what, script] of Object.entries(DAMAGES)) {
  Deno.test(`a file that is ${what} is written no more, until it is whole again`, () => {
    using scratch = new Scratch();
    const store = scratch.open();
    let clock = 0;
    new FileGuard(store.database, undefined, () => clock += 10_000);
    write(store, 60);
    assert.ok(store.checkpoint());
    const good = `${scratch.directory}/good.db`;
    Deno.copyFileSync(scratch.file, good);
    write(store, 5);
    assert.ok(store.checkpoint());
    assert.equal(
      store.deadLetters.count(),
      65,
      "what is remembered of the file is of its last state",
    );
    shell(script, scratch.file);
    const damaged = Deno.readFileSync(scratch.file);
    for (let turn = 0; turn < 3; turn++) {
      assert.throws(
        () => write(store, 1),
        failsWith("corrupt", /ttp\.db/),
      );
      assert.throws(() => store.checkpoint(), failsWith("corrupt", /./));
    }
    assert.deepEqual(Deno.readFileSync(scratch.file), damaged, "it is left as it is");
    shell('cat "$1" > "$0"', scratch.file, good);
    write(store, 1);
    assert.equal(store.deadLetters.count(), 61);
    store.close();
    assert.equal(rowsAt(scratch.file), 61);
  });
}

Deno.test("the log is moved into the file when it has grown, and the file is checked then", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  let checks = 0;
  new FileGuard(store.database, () => checks++, () => 0);
  const size = Deno.statSync(scratch.file).size;
  store.transaction(() => {
    for (let row = 0; row < 8_300; row++) {
      store.deadLetters.add({ topic: "t", reason: "r", excerpt: "x".repeat(4000), at: NOW });
    }
  });
  assert.ok(Deno.statSync(scratch.file).size > size + 30_000_000);
  assert.equal(checks, 1);
  write(store, 2);
  assert.equal(checks, 1, "not again as long as nobody writes into the file");
});

Deno.test("a file that others change all the time is checked for a twentieth of the time at most", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  let [clock, checks] = [1000, 0];
  const check = () => {
    checks++;
    clock += 100;
  };
  const guard = new FileGuard(store.database, check, () => clock);
  const touch = () => {
    clock += 50;
    Deno.utimeSync(scratch.file, clock, clock);
    guard.verify();
  };
  for (let turn = 0; turn < 200; turn++) touch();
  assert.ok(checks >= 4 && checks <= 14, `${checks}`);
});
