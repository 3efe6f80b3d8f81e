import assert from "assert";
import { join } from "node:path";
import { EmbeddedRules } from "../../../lib/rules/embedded_rules.ts";
import type { OverlayContext, RuleChange } from "../../../lib/rules/overlay.ts";
import { DirectoryRules } from "../../../lib/worker/rules/directory_rules.ts";
import { until } from "../../harness/until.ts";
import { ATTACK, type OpenRules, testRuleStoreContract } from "../../rules/rule_store_contract.ts";
import { rulesOf, ruleText } from "../../rules/rule_text.ts";

/** The first rule is built in, the others are files of the directory. */
async function openDirectory(
  [builtIn, ...texts]: readonly string[],
  context: OverlayContext,
): Promise<OpenRules & { readonly directory: string }> {
  const directory = await Deno.makeTempDir();
  for (const [index, text] of texts.entries()) {
    await Deno.writeTextFile(join(directory, `${index}.yaml`), text);
  }
  const base = { rules: rulesOf(...builtIn === undefined ? [] : [builtIn]), intel: [] };
  return {
    directory,
    rules: new DirectoryRules(new EmbeddedRules(base, ATTACK, context), {
      directory,
      attack: ATTACK,
      context: () => context,
    }),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

testRuleStoreContract("the directory store", openDirectory);

interface Followed {
  readonly path: (name: string) => string;
  readonly directory: string;
  readonly rules: DirectoryRules;
  /** Changes in the order in which they were told, as `R0001 changed 2`. */
  readonly told: string[];
  readonly changes: RuleChange[];
}

/** A store over R0001 and R0002 whose changes are followed. */
async function following(
  body: (followed: Followed) => Promise<void>,
  before: (directory: string) => Promise<void> = async () => {},
): Promise<void> {
  const texts = [ruleText({ rule_id: "R0001" })];
  await using opened = await openDirectory(texts, { lifters: () => [] });
  const { directory } = opened;
  const rules = opened.rules as DirectoryRules;
  await before(directory);
  rules.load();
  const told: string[] = [];
  const changes: RuleChange[] = [];
  const done = (async () => {
    for await (const change of rules.changes()) {
      changes.push(change);
      told.push(`${change.ruleId} ${change.change} ${change.ruleVersion}`);
    }
  })();
  const path = (name: string) => join(directory, name);
  try {
    await body({ path, directory, rules, told, changes });
  } finally {
    rules.close();
    await done;
  }
}

const own = (version: number, lines: Readonly<Record<string, string>> = {}) =>
  ruleText({ rule_id: "OWN", rule_version: String(version), ...lines });

const TABLE = (version: number) =>
  `provider: feodo\nmapping_version: ${version}\n` +
  "signals:\n  - { id: a, label: A, techniques: [] }\n";

Deno.test("what was saved between loading and following is not overlooked", async () => {
  await using opened = await openDirectory([], { lifters: () => [] });
  opened.rules.load();
  await Deno.writeTextFile(join(opened.directory, "own.yaml"), own(1));
  for await (const { ruleId, change } of opened.rules.changes()) {
    assert.deepEqual([ruleId, change], ["OWN", "added"]);
    opened.rules.close();
  }
});

Deno.test("an editor that moves the old file aside and writes a new one makes one change", async () => {
  await following(async ({ path, told }) => {
    await Deno.rename(path("own.yaml"), path("own.yaml~"));
    await Deno.writeTextFile(path("own.yaml"), own(2));
    await Deno.remove(path("own.yaml~"));
    await until("it is told", () => told.length > 0);
    assert.deepEqual(told, ["OWN changed 2"]);
  }, (directory) => Deno.writeTextFile(join(directory, "own.yaml"), own(1)));
});

Deno.test("a thousand writes end in the last one, told a handful of times at most", async () => {
  await following(async ({ path, told }) => {
    for (let version = 1; version <= 1000; version++) {
      await Deno.writeTextFile(path("own.yaml.new"), own(version));
      await Deno.rename(path("own.yaml.new"), path("own.yaml"));
    }
    await until("the last is in force", () => told.at(-1)?.endsWith(" 1000") === true);
    assert.ok(told.length < 100, `${told.length} changes`);
  });
});

Deno.test("a directory that goes takes no rule with it, and one that comes back is followed", async () => {
  await following(async ({ path, directory, rules, told }) => {
    await Deno.remove(directory, { recursive: true });
    await until("that is a fault", () => rules.fault !== undefined);
    assert.match(rules.fault!, /cannot read the rule directory .*: it does not exist/);
    assert.ok(rules.pack.rules.some(({ document }) => document.rule_id === "OWN"));
    await Deno.mkdir(directory);
    await Deno.writeTextFile(path("own.yaml"), own(2));
    await until("it is followed", () => told.includes("OWN changed 2"));
    await Deno.writeTextFile(path("own.yaml"), own(3));
    await until("and again", () => told.includes("OWN changed 3"));
    assert.equal(rules.fault, undefined);
  }, (directory) => Deno.writeTextFile(join(directory, "own.yaml"), own(1)));
});

Deno.test("a link that is turned to another directory, as Kubernetes does, changes all rules at once", async () => {
  const version = async (directory: string, name: string, number: number) => {
    await Deno.mkdir(join(directory, name));
    for (const id of ["ONE", "TWO"]) {
      const text = ruleText({ rule_id: id, rule_version: String(number) });
      await Deno.writeTextFile(join(directory, name, `${id}.yaml`), text);
    }
  };
  await following(async ({ path, directory, told }) => {
    await version(directory, "..v2", 2);
    await Deno.symlink("..v2", path("..data_tmp"));
    await Deno.rename(path("..data_tmp"), path("..data"));
    await Deno.remove(path("..v1"), { recursive: true });
    await until("both are told", () => told.length >= 2);
    assert.deepEqual(told, ["ONE changed 2", "TWO changed 2"]);
  }, async (directory) => {
    await version(directory, "..v1", 1);
    await Deno.symlink("..v1", join(directory, "..data"));
    for (const id of ["ONE", "TWO"]) {
      await Deno.symlink(join("..data", `${id}.yaml`), join(directory, `${id}.yaml`));
    }
  });
});

Deno.test("an intel table that is saved is in force, and a bad one leaves the old", async () => {
  await following(async ({ path, rules, told, changes }) => {
    await Deno.mkdir(path("intel"));
    await Deno.writeTextFile(path("intel/feodo.yaml"), TABLE(1));
    await until("it is added", () => told.includes("feodo added 0"));
    await Deno.writeTextFile(path("intel/feodo.yaml"), TABLE(2).replace("signals", "signal"));
    await until("it is rejected", () => told.includes("feodo rejected 0"));
    assert.equal(rules.pack.intel[0]?.mapping_version, "1");
    assert.match(rules.fault!, /intel\/feodo\.yaml:\d+:\d+ /);
    await Deno.writeTextFile(path("intel/feodo.yaml"), TABLE(3));
    await until("it is changed", () => told.includes("feodo changed 0"));
    assert.deepEqual([rules.pack.intel[0]?.mapping_version, rules.fault], ["3", undefined]);
    assert.ok(changes.every(({ kind }) => kind === "table"));
  });
});

const BOMB = `a: &a [x, x, x, x, x, x, x, x, x]\n${
  ["b", "c", "d", "e", "f", "g", "h"].map((name, index) => {
    const former = "abcdefg"[index];
    return `${name}: &${name} [${Array(9).fill(`*${former}`).join(", ")}]`;
  }).join("\n")
}\n`;

for (
  const [what, spoil, message] of [
    ["ten megabytes", (path) => Deno.writeTextFile(path, "x: y\n".repeat(2_097_152)), /1048576/],
    ["an alias bomb", (path) => Deno.writeTextFile(path, BOMB), /an anchor \(&a\) is not allowed/],
    ["bytes that are no text", (path) => Deno.writeFile(path, Uint8Array.of(0xc3, 0x28)), /UTF-8/],
    ["nothing", (path) => Deno.writeTextFile(path, ""), /the file is empty/],
    ["null bytes", (path) => Deno.writeFile(path, new Uint8Array(64)), /^./],
    ["brackets without end", (path) => Deno.writeTextFile(path, "[".repeat(200_000)), /nested/],
    ["another's id", (path) => Deno.writeTextFile(path, own(9, { rule_id: "'no id'" })), /rule_id/],
    [
      "a link to nowhere",
      async (path) => {
        await Deno.remove(path);
        await Deno.symlink("nowhere", path);
      },
      /it does not exist/,
    ],
  ] as readonly [string, (path: string) => Promise<void>, RegExp][]
) {
  Deno.test(`a rule file with ${what} is rejected alone, and the rule that it held stays`, async () => {
    await following(async ({ path, rules, told, changes }) => {
      await spoil(path("mine.yaml"));
      await Deno.writeTextFile(path("other.yaml"), ruleText({ rule_id: "OTHER" }));
      await until("it is rejected", () => told.includes("OWN rejected 1"));
      await until("the other is added", () => told.includes("OTHER added 1"));
      assert.ok(rules.pack.rules.some(({ document }) => document.rule_id === "OWN"));
      assert.ok(!told.some((change) => change.includes("removed")));
      assert.match(changes.find(({ ruleId }) => ruleId === "OWN")!.problem!.message, message);
      assert.match(rules.fault!, /mine\.yaml:/);
    }, (directory) => Deno.writeTextFile(join(directory, "mine.yaml"), own(1)));
  });
}

Deno.test("a second file with the same id leaves the rule as it was, until one of them goes", async () => {
  await following(async ({ path, rules, told, changes }) => {
    await Deno.writeTextFile(path("z.yaml"), own(2));
    await until("that is rejected", () => told.length > 0);
    assert.deepEqual(told, ["OWN rejected 1"]);
    assert.match(changes[0]!.problem!.message, /rule_id OWN stands in .*own\.yaml too/);
    await Deno.remove(path("own.yaml"));
    await until("the other holds", () => told.length > 1);
    assert.deepEqual([told[1], rules.fault], ["OWN changed 2", undefined]);
  }, (directory) => Deno.writeTextFile(join(directory, "own.yaml"), own(1)));
});

Deno.test("a path that is turned to another directory is followed there", async () => {
  await following(async ({ path, directory, told }) => {
    const real = `${directory}.real`;
    try {
      await Deno.rename(directory, real);
      await Deno.mkdir(`${real}/other`);
      await Deno.writeTextFile(`${real}/other/own.yaml`, own(2));
      await Deno.symlink(`${real}/other`, directory);
      await until("its rules are in force", () => told.includes("OWN changed 2"));
      await Deno.writeTextFile(path("own.yaml"), own(3));
      await until("it is followed", () => told.includes("OWN changed 3"));
    } finally {
      await Deno.remove(directory);
      await Deno.rename(real, directory);
    }
  }, (directory) => Deno.writeTextFile(join(directory, "own.yaml"), own(1)));
});

Deno.test("ids that differ in case are different rules", async () => {
  await following(async ({ path, rules, told }) => {
    await Deno.writeTextFile(path("r0001.yaml"), ruleText({ rule_id: "r0001" }));
    await until("it is added", () => told.includes("r0001 added 1"));
    const ids = rules.pack.rules.map(({ document }) => document.rule_id);
    assert.deepEqual(ids, ["R0001", "r0001"]);
  });
});

Deno.test("asked to look, it reads what a system that tells of nothing has hidden", async () => {
  await following(async ({ path, rules, told }) => {
    const { mtime } = await Deno.stat(path("own.yaml"));
    await Deno.writeTextFile(path("own.yaml"), own(2));
    await Deno.utime(path("own.yaml"), mtime!, mtime!);
    rules.look();
    await until("it is in force", () => told.includes("OWN changed 2"));
  }, (directory) => Deno.writeTextFile(join(directory, "own.yaml"), own(1)));
});
