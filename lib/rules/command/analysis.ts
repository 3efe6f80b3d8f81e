import { WorkMeter } from "../compile/work_meter.ts";
import type { Draft } from "./draft.ts";
import { markFetched } from "./effects/fetched.ts";
import { COMMAND_LIMITS } from "./limits.ts";
import { CommandReader } from "./reader.ts";
import { separatedCommands } from "./separated/commands.ts";
import type { CommandAnalysis, SimpleCommand } from "./simple_command.ts";

/**
 * Reads a text as the commands that a shell would run. Total: any text gives an
 * analysis, at a cost that is bounded. Where the bound is reached, what was read
 * until then is kept, and the text is split at its separators without regard to
 * quotes and nesting, so that nothing hides behind what is costly to read.
 *
 * @param work counts the steps, and says when there are no more
 * @param isNamed whether a rule asks for a program of that name; of others, nothing is
 * kept of what is only split
 */
export function analyseCommand(
  text: string,
  work: WorkMeter = new WorkMeter(),
  isNamed: (program: string) => boolean = () => true,
): CommandAnalysis {
  const cut = text.length > COMMAND_LIMITS.textCharacters;
  const reader = new CommandReader(work);
  const kept = cut ? text.slice(0, COMMAND_LIMITS.textCharacters) : text;
  const complete = readWhole(reader, kept);
  let commands: readonly Draft[] = reader.commands;
  if (!complete) {
    work.add(kept.length);
    work.truncated = true;
    commands = [...commands, ...separatedCommands(kept, isNamed, commands)];
  }
  markFetched(commands);
  return {
    commands,
    decoded: allDecoded(reader.decoded, work),
    resolved: HIDES.test(text) ? words(commands) : undefined,
    truncated: cut || !complete,
  };
}

/** @returns false when a bound was reached before the end */
function readWhole(reader: CommandReader, text: string): boolean {
  try {
    reader.read(text);
  } catch (error) {
    // What the parser is given is not nested deeper than it can follow, as far as we know.
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
  return !reader.scope.truncated;
}

/** Without one of these, every word of every command stands in the text as it is. */
const HIDES = /["'\\$`{%]|(?:^|[\s;&|(])\/[^\s;&|]{0,64}[?*[]/;

function words(commands: readonly SimpleCommand[]): string {
  return commands.map(({ program, path, args, wrappers, assigns, writes, reads }) =>
    [...wrappers, program, path, args, ...assigns, ...writes, ...reads].join(" ")
  ).join("\n");
}

/** Follows payloads inside payloads, as deep as the limit says. */
function allDecoded(first: readonly string[], work: WorkMeter): readonly string[] {
  if (first.length === 0) return first;
  const all = first.slice(0, COMMAND_LIMITS.decodedTexts);
  let level: readonly string[] = all;
  for (let depth = 1; depth < COMMAND_LIMITS.decodeLevels && level.length > 0; depth++) {
    level = level.flatMap((text) => {
      const reader = new CommandReader(work);
      readWhole(reader, text.slice(0, COMMAND_LIMITS.textCharacters));
      return reader.decoded;
    });
    all.push(...level);
  }
  return all.slice(0, COMMAND_LIMITS.decodedTexts);
}
