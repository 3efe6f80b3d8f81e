import { join } from "node:path";
import * as v from "valibot";
import { parse } from "yaml";

const FOLDER = new URL(".", import.meta.url).pathname;

/** One defect that a list asks for, as it stands in the YAML file. */
const EntrySchema = v.array(v.strictObject({
  /** Source file, from the root of the project. */
  file: v.string(),
  /** What no longer holds, in a sentence. */
  defect: v.string(),
  /** Text that stands in the file exactly once. */
  replace: v.string(),
  /** What stands there instead. */
  with: v.string(),
  /** Files and folders of tests that are run; by default the namesake of the file and its folder. */
  tests: v.optional(v.array(v.string())),
  /** Why no test can tell the defect from the original; it is then not run. */
  equivalent: v.optional(v.string()),
}));

/** A single defect in one source file, and the tests that ought to notice it. */
export interface Mutant {
  /** Folder of `lib/` that it is in, e.g. `worker`. */
  readonly room: string;
  readonly file: string;
  readonly defect: string;
  readonly replace: string;
  readonly with: string;
  /** Tests in the order in which they are run, until one fails. */
  readonly tests: readonly string[];
  readonly equivalent?: string;
}

/**
 * Reads the lists of this folder, `<room>.yaml` each.
 *
 * @throws {v.ValiError} when an entry is not of the expected form
 */
export function readMutants(): readonly Mutant[] {
  return Array.from(Deno.readDirSync(FOLDER), ({ name }) => name)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .flatMap((name) => {
      const room = name.slice(0, -".yaml".length);
      const entries = v.parse(EntrySchema, parse(Deno.readTextFileSync(join(FOLDER, name))));
      return entries.map(({ tests, equivalent, ...entry }) => ({
        room,
        ...entry,
        tests: tests ?? namesakes(entry.file),
        ...(equivalent !== undefined && { equivalent }),
      }));
    });
}

/**
 * Puts the defect into the text of its file.
 *
 * @throws {Error} when the text to be replaced is not there exactly once
 */
export function mutate(source: string, mutant: Mutant): string {
  const { file, defect } = mutant;
  const found = source.split(mutant.replace).length - 1;
  if (found !== 1) {
    throw new Error(`${file}: the text of "${defect}" stands there ${found} times, not once`);
  }
  return source.replace(mutant.replace, () => mutant.with);
}

/** The test beside a file's path and, where there is none or it notices nothing, its folder. */
function namesakes(file: string): readonly string[] {
  const path = file.replace(/^lib\//, "tests/");
  const candidates = [path.replace(/\.ts$/, "_test.ts"), path.slice(0, path.lastIndexOf("/"))];
  return candidates.filter((candidate) => exists(join(FOLDER, "../..", candidate)));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
