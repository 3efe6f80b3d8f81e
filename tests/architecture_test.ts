import assert from "assert";
import { dirname, join, relative } from "node:path";
import { sourceFiles } from "./harness/source_files.ts";

/** What each room of lib/ may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  text: [],
  attack: [],
  rules: ["attack", "text"],
  tagging: ["rules", "attack"],
  bus: [],
  store: ["tagging", "rules"],
  observe: ["text"],
  worker: ["store", "tagging", "rules", "attack", "bus", "observe", "text"],
  export: ["attack", "store", "rules", "tagging", "text"],
  sources: ["bus", "tagging", "rules"],
  cli: [
    "worker",
    "store",
    "tagging",
    "rules",
    "attack",
    "bus",
    "observe",
    "export",
    "sources",
    "text",
  ],
};

/** Folders inside the rooms; a new one is added here, with a name that says what it holds. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  attack: ["data"],
  bus: ["jetstream", "nats", "unix"],
  cli: ["commands", "completion", "output", "settings"],
  export: ["report"],
  rules: ["command", "compile", "data", "evaluation", "format", "request", "run"],
  sources: ["cowrie"],
  store: ["queries", "queues", "rules", "sqlite", "tags"],
  tagging: ["lifters"],
  worker: ["health", "intake", "outbox", "pipeline", "rules"],
};

/** Files that a folder holds at most, so that a reader finds one by its name. */
const MAX_FILES = 25;

const PURE_ROOMS = ["attack", "rules", "tagging", "text"];

/** What a pure room must not touch: files, network, environment, clock, chance. */
const IMPURE_REGEXP =
  /\bDeno\.|\bDate\.now\(|new Date\(\)|performance\.now|Math\.random|\bfetch\(|from "node:(?!crypto|buffer|zlib)/;

const lib = new URL("../lib", import.meta.url).pathname;

function roomOf(path: string): string {
  return relative(lib, path).split("/")[0]!;
}

function code(path: string): string {
  return Deno.readTextFileSync(path).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

Deno.test("rooms import one way only", () => {
  const offences: string[] = [];
  for (const path of sourceFiles(lib)) {
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

Deno.test("attack/, rules/, tagging/ and text/ touch no file, network, environment or clock", () => {
  const offences: string[] = [];
  for (const room of PURE_ROOMS) {
    for (const path of sourceFiles(join(lib, room))) {
      const found = IMPURE_REGEXP.exec(code(path));
      if (found !== null) offences.push(`${relative(lib, path)} has ${found[0]}`);
    }
  }
  assert.deepEqual(offences, []);
});

Deno.test("a file holds one idea, and its name says which", () => {
  const offences: string[] = [];
  for (
    const path of [...sourceFiles(lib), ...sourceFiles(dirname(new URL(import.meta.url).pathname))]
  ) {
    const lines = Deno.readTextFileSync(path).split("\n").length - 1;
    if (lines > 300) offences.push(`${path} has ${lines} lines`);
    if (/\/(utils?|helpers?|common|misc|types|index)(\.ts|\/)/.test(path)) {
      offences.push(`${path} has no name of its own`);
    }
  }
  assert.deepEqual(offences, []);
});

Deno.test("every folder of lib/ is a known room and holds few enough files to be read at a glance", () => {
  const offences: string[] = [];
  const look = (folder: string): void => {
    const entries = [...Deno.readDirSync(folder)];
    const files = entries.filter(({ isFile }) => isFile).length;
    if (files > MAX_FILES) offences.push(`${relative(lib, folder)} holds ${files} files`);
    for (const { name, isDirectory } of entries) if (isDirectory) look(join(folder, name));
  };
  look(lib);
  for (const { name: room } of Deno.readDirSync(lib)) {
    if (MAY_IMPORT[room] === undefined) offences.push(`lib/${room} is not a known room`);
    for (const { name, isDirectory } of Deno.readDirSync(join(lib, room))) {
      if (isDirectory && !(FOLDERS[room] ?? []).includes(name)) {
        offences.push(`lib/${room}/${name} is not a known folder`);
      }
    }
  }
  for (const room of Object.keys(MAY_IMPORT)) Deno.statSync(join(lib, room));
  for (const [room, names] of Object.entries(FOLDERS)) {
    for (const name of names) Deno.statSync(join(lib, room, name));
  }
  assert.deepEqual(offences, []);
});
