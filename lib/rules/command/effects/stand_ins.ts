import { programOfPattern } from "../words/globs.ts";
import { programName } from "../programs.ts";
import type { Known, Scope } from "../scope.ts";
import { withOperands } from "./wrappers.ts";

/** Longest text that `xargs` makes words of, in characters. */
const MAX_READ_WORDS = 4_096;

/** A command that is run in place of the one typed. */
export interface StandIn {
  readonly words: readonly string[];
  readonly wrappers: readonly string[];
  readonly input: Known | undefined;
}

/** The command that an alias stands for, or that `xargs` makes of what it reads. */
export function standInFor(
  words: readonly string[],
  input: Known | undefined,
  scope: Scope,
): StandIn | undefined {
  const [first = "", ...rest] = words;
  const alias = scope.alias(first);
  if (alias !== undefined) {
    scope.hidden = true;
    return { words: [...alias.trim().split(/\s+/), ...rest], wrappers: [], input };
  }
  if (input === undefined || input.text.length > MAX_READ_WORDS) return undefined;
  if (programName(first) !== "xargs") return undefined;
  const read = input.text.split(/\s+/).filter((word) => word !== "");
  const made = withOperands(words, read);
  return made === undefined ? undefined : { words: made, wrappers: ["xargs"], input: undefined };
}

/** The program that a path means which does not name it: a copy of one, or a pattern. */
export function programMeant(path: string, scope: Scope): string | undefined {
  if (!path.includes("/")) return undefined;
  const copied = scope.copyOf(path);
  if (copied !== undefined) return programName(copied);
  const found = /[*?[]/.test(path) ? programOfPattern(path) : undefined;
  if (found === undefined) return undefined;
  scope.hidden = true;
  return programName(found);
}
