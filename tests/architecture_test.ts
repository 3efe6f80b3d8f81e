import assert from "assert";
import { dirname, join, relative } from "node:path";

/** What each room of lib/ may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  attack: [],
  rules: ["attack"],
  tagging: ["rules", "attack"],
  bus: [],
  store: ["tagging", "rules"],
  observe: [],
  worker: ["store", "tagging", "rules", "attack", "bus", "observe"],
  export: ["attack", "store", "rules", "tagging"],
  import: ["bus", "tagging", "rules"],
  eval: ["rules", "tagging", "attack"],
  cli: [
    "worker",
    "store",
    "tagging",
    "rules",
    "attack",
    "bus",
    "observe",
    "export",
    "import",
    "eval",
  ],
};

const PURE_ROOMS = ["attack", "rules", "tagging"];

/** What a pure room must not touch: files, network, environment, clock, chance. */
const IMPURE_REGEXP =
  /\bDeno\.|\bDate\.now\(|new Date\(\)|performance\.now|Math\.random|\bfetch\(|from "node:(?!crypto|buffer)/;

const lib = new URL("../lib", import.meta.url).pathname;

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* sources(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

function roomOf(path: string): string {
  return relative(lib, path).split("/")[0]!;
}

function code(path: string): string {
  return Deno.readTextFileSync(path).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

Deno.test("rooms import one way only", () => {
  const offences: string[] = [];
  for (const path of sources(lib)) {
    const room = roomOf(path);
    const allowed = MAY_IMPORT[room];
    assert.ok(allowed !== undefined, `lib/${room} is no room of the house`);
    for (const [, target] of code(path).matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
      const other = roomOf(join(dirname(path), target!));
      // The program's own name and version stand outside the rooms.
      if (other === ".." && target!.endsWith("/deno.json")) continue;
      if (other !== room && !allowed.includes(other)) {
        offences.push(`${relative(lib, path)} imports ${other}/`);
      }
    }
  }
  assert.deepEqual(offences, []);
});

Deno.test("attack/, rules/ and tagging/ touch no file, network, environment or clock", () => {
  const offences: string[] = [];
  for (const room of PURE_ROOMS) {
    for (const path of sources(join(lib, room))) {
      const found = IMPURE_REGEXP.exec(code(path));
      if (found !== null) offences.push(`${relative(lib, path)} has ${found[0]}`);
    }
  }
  assert.deepEqual(offences, []);
});

Deno.test("a file holds one idea, and its name says which", () => {
  const offences: string[] = [];
  for (const path of [...sources(lib), ...sources(dirname(new URL(import.meta.url).pathname))]) {
    const lines = Deno.readTextFileSync(path).split("\n").length - 1;
    if (lines > 300) offences.push(`${path} has ${lines} lines`);
    if (/\/(utils?|helpers?|common|misc|types|index)(\.ts|\/)/.test(path)) {
      offences.push(`${path} has no name of its own`);
    }
  }
  assert.deepEqual(offences, []);
});
