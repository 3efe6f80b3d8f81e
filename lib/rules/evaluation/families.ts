import { analyseCommand } from "../command/analysis.ts";
import { scores } from "./figures.ts";
import { compareIds, entryOf } from "./label.ts";

/** Lines that call the same programs in the same order, and how rules do on them. */
export interface FamilyFigures {
  /** The programs; `./` stands for a file that is run by its path. */
  readonly family: string;
  readonly lines: number;
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  readonly f1: number;
}

/** Longest name of a family, in characters. */
const NAME_CHARACTERS = 80;

/** Directories of a system's own programs. */
const SYSTEM_PATH = /^\/(?:usr\/(?:local\/)?)?s?bin\//;

/** Counts by family: a few bots that type the same thing everywhere must not decide a figure. */
export class Families {
  readonly #families = new Map<
    string,
    { lines: number; right: number; wrong: number; missed: number }
  >();

  /** Counts one line. */
  add(text: string, right: number, wrong: number, missed: number): void {
    const empty = () => ({ lines: 0, right: 0, wrong: 0, missed: 0 });
    const tally = entryOf(this.#families, familyOf(text), empty);
    tally.lines += 1;
    tally.right += right;
    tally.wrong += wrong;
    tally.missed += missed;
  }

  /** Families of two lines and more, largest first, and how many there are in all. */
  report(): { readonly count: number; readonly families: readonly FamilyFigures[] } {
    const families = [...this.#families]
      .filter(([, { lines }]) => lines > 1)
      .map(([family, tally]) => ({ family, ...tally, f1: scores(tally).f1 }))
      .sort((a, b) => b.lines - a.lines || compareIds(a.family, b.family));
    return { count: this.#families.size, families };
  }
}

/** Programs that a line calls, in order, repeated ones once. */
export function familyOf(text: string): string {
  const names: string[] = [];
  for (const { program, path } of analyseCommand(text).commands) {
    const name = path.includes("/") && !SYSTEM_PATH.test(path) ? "./" : program;
    if (name !== "" && name !== names.at(-1)) names.push(name);
  }
  const joined = names.join(" ");
  return joined.length > NAME_CHARACTERS ? `${joined.slice(0, NAME_CHARACTERS)}…` : joined;
}
