import { markFetched } from "./fetched.ts";
import { COMMAND_LIMITS } from "./limits.ts";
import { CommandReader } from "./reader.ts";
import type { CommandAnalysis, SimpleCommand } from "./simple_command.ts";

/**
 * Reads a text as the commands that a shell would run. Total: any text gives an
 * analysis, in time proportional to its length.
 */
export function analyseCommand(text: string): CommandAnalysis {
  const reader = new CommandReader();
  const cut = text.length > COMMAND_LIMITS.textCharacters;
  reader.read(cut ? text.slice(0, COMMAND_LIMITS.textCharacters) : text);
  const commands = reader.commands;
  markFetched(commands);
  return {
    commands,
    decoded: allDecoded(reader.decoded),
    resolved: HIDES.test(text) ? words(commands) : undefined,
    truncated: cut || reader.scope.truncated,
  };
}

/** Without one of these, every word of every command stands in the text as it is. */
const HIDES = /["'\\$`{%]/;

function words(commands: readonly SimpleCommand[]): string {
  return commands.map(({ program, path, args, wrappers, assigns, writes, reads }) =>
    [...wrappers, program, path, args, ...assigns, ...writes, ...reads].join(" ")
  ).join("\n");
}

/** Follows payloads inside payloads, as deep as the limit says. */
function allDecoded(first: readonly string[]): readonly string[] {
  if (first.length === 0) return first;
  const all = [...first];
  let level = first;
  for (let depth = 1; depth < COMMAND_LIMITS.decodeLevels && level.length > 0; depth++) {
    level = level.flatMap((text) => {
      const reader = new CommandReader();
      reader.read(text.slice(0, COMMAND_LIMITS.textCharacters));
      return reader.decoded;
    });
    all.push(...level);
  }
  return all;
}
