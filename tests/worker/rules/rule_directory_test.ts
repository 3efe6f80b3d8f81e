import assert from "assert";
import { join } from "node:path";
import {
  readRuleDirectory,
  RuleDirectoryError,
  RuleDirectoryWatch,
} from "../../../lib/worker/rules/rule_directory.ts";

async function inDirectory(test: (path: string) => Promise<void> | void): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await test(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/** Does something and waits until the watch has told of it once. */
async function told(path: string, change: () => Promise<void>): Promise<void> {
  const watch = new RuleDirectoryWatch(path);
  try {
    const iterator = watch[Symbol.asyncIterator]();
    const next = iterator.next();
    // The first step of the iteration looks at the directory as it is before the change.
    await Promise.resolve();
    await change();
    assert.equal((await next).done, false);
  } finally {
    watch.close();
  }
}

Deno.test("readRuleDirectory() reads rule files and intel tables of all folders, and nothing that editors leave", async () => {
  await inDirectory(async (path) => {
    await Deno.mkdir(join(path, "intel"));
    for (const name of ["b.yaml", "a.yml", ".a.yaml.swp", ".hidden.yaml", "a.yaml~", "notes.txt"]) {
      await Deno.writeTextFile(join(path, name), name);
    }
    await Deno.writeTextFile(join(path, "intel", "t.yaml"), "t");
    await Deno.mkdir(join(path, "discovery", "more"), { recursive: true });
    await Deno.mkdir(join(path, ".git"));
    await Deno.writeTextFile(join(path, "discovery", "d.yaml"), "d");
    await Deno.writeTextFile(join(path, "discovery", "more", "m.yaml"), "m");
    await Deno.writeTextFile(join(path, ".git", "g.yaml"), "g");
    assert.deepEqual(readRuleDirectory(path), [
      { name: join(path, "a.yml"), text: "a.yml" },
      { name: join(path, "b.yaml"), text: "b.yaml" },
      { name: join(path, "discovery", "d.yaml"), text: "d" },
      { name: join(path, "discovery", "more", "m.yaml"), text: "m" },
      { name: join(path, "intel", "t.yaml"), text: "t" },
    ]);
  });
});

Deno.test("readRuleDirectory() ends on links that lead in a circle", async () => {
  await inDirectory(async (path) => {
    await Deno.writeTextFile(join(path, "a.yaml"), "a");
    await Deno.symlink(path, join(path, "again"));
    const names = readRuleDirectory(path).map(({ name }) => name);
    assert.equal(names[0], join(path, "a.yaml"));
    assert.ok(names.length < 10, names.join());
  });
});

Deno.test("readRuleDirectory() says why a directory cannot be read", async () => {
  await inDirectory(async (path) => {
    const file = join(path, "R0001.yaml");
    await Deno.writeTextFile(file, "one");
    const cases: readonly [string, RegExp][] = [
      [join(path, "missing"), /cannot read the rule directory .*missing: it does not exist/],
      [file, /it is not a directory/],
    ];
    for (const [where, message] of cases) {
      assert.throws(() => readRuleDirectory(where), (error) => {
        assert.ok(error instanceof RuleDirectoryError);
        assert.match(error.message, message);
        return true;
      });
    }
  });
});

Deno.test("readRuleDirectory() reads what can be read, and says why the rest cannot", async () => {
  await inDirectory(async (path) => {
    await Deno.writeTextFile(join(path, "good.yaml"), "one");
    await Deno.writeTextFile(join(path, "huge.yaml"), "x".repeat(1024 * 1024 + 1));
    await Deno.writeFile(join(path, "latin.yaml"), Uint8Array.of(0xe9));
    await Deno.symlink("nowhere", join(path, "link.yaml"));
    await new Deno.Command("mkfifo", { args: [join(path, "pipe.yaml")] }).output();
    const read = readRuleDirectory(path);
    assert.deepEqual(
      read.map(({ name, unreadable = "" }) => [
        name.slice(path.length + 1),
        unreadable.replace("the file cannot be read: ", ""),
      ]),
      [
        ["good.yaml", ""],
        [
          "huge.yaml",
          "it has 1048577 bytes; a rule file has at most 1048576: split it, one rule a file",
        ],
        ["latin.yaml", "it is not text in UTF-8"],
        ["link.yaml", "it does not exist"],
        ["pipe.yaml", "it is not an ordinary file"],
      ],
    );
  });
});

Deno.test("RuleDirectoryWatch tells of a file that is written, renamed over, and removed", async () => {
  await inDirectory(async (path) => {
    const file = join(path, "R0001.yaml");
    await told(path, () => Deno.writeTextFile(file, "one"));
    await told(path, async () => {
      await Deno.writeTextFile(join(path, ".R0001.yaml.tmp"), "two");
      await Deno.rename(join(path, ".R0001.yaml.tmp"), file);
    });
    await told(path, () => Deno.remove(file));
  });
});

Deno.test("RuleDirectoryWatch tells of a directory that goes and comes back", async () => {
  await inDirectory(async (path) => {
    const rules = join(path, "rules");
    await Deno.mkdir(rules);
    const watch = new RuleDirectoryWatch(rules);
    const iterator = watch[Symbol.asyncIterator]();
    const gone = iterator.next();
    await Deno.remove(rules, { recursive: true });
    await gone;
    const back = iterator.next();
    await Deno.mkdir(rules);
    await Deno.writeTextFile(join(rules, "R0001.yaml"), "one");
    await back;
    watch.close();
    assert.equal((await iterator.next()).done, true);
  });
});

Deno.test("RuleDirectoryWatch tells of a burst of saves once", async () => {
  await inDirectory(async (path) => {
    const watch = new RuleDirectoryWatch(path);
    const iterator = watch[Symbol.asyncIterator]();
    let told = 0;
    const first = iterator.next().then(() => told++);
    for (let i = 0; i < 50; i++) await Deno.writeTextFile(join(path, `R${i}.yaml`), String(i));
    await first;
    // The next change is the next thing that it tells of: nothing is left of the burst.
    const second = iterator.next().then(() => told++);
    assert.equal(told, 1);
    await Deno.writeTextFile(join(path, "last.yaml"), "last");
    await second;
    assert.equal(readRuleDirectory(path).length, 51);
    watch.close();
  });
});
