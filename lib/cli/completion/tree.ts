import type { Command, Option } from "commander";

/** A word that can be completed, and what it means. */
export interface CompletionWord {
  readonly word: string;
  readonly description: string;
}

/** What can follow one command. */
export interface CompletionNode {
  /** Words that lead here, e.g. `["rules", "list"]`; empty for the program itself. */
  readonly path: readonly string[];
  /** Commands below it, or the few words that its argument can be. */
  readonly commands: readonly CompletionWord[];
  readonly options: readonly CompletionWord[];
  /** Values of options that take one of a few. */
  readonly choices: readonly { readonly option: string; readonly values: readonly string[] }[];
  /** Options that take a value which is no choice; files are offered after them. */
  readonly valued: readonly string[];
}

/** Everything that can be completed: one node for each command, the program's first. */
export function completionTree(program: Command): readonly CompletionNode[] {
  return nodes(program, []);
}

function nodes(command: Command, path: readonly string[]): CompletionNode[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const options = help.visibleOptions(command);
  const node: CompletionNode = {
    path,
    commands: [
      ...commands.map((sub) => ({
        word: sub.name(),
        description: sub.summary() || sub.description(),
      })),
      ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
        argChoices.map((word) => ({ word, description }))
      ),
    ],
    options: options.flatMap((option) =>
      spellings(option).map((word) => ({ word, description: option.description }))
    ),
    choices: options.flatMap((option) =>
      option.argChoices === undefined
        ? []
        : spellings(option).map((word) => ({ option: word, values: option.argChoices ?? [] }))
    ),
    valued: options.filter((option) => takesValue(option) && option.argChoices === undefined)
      .flatMap(spellings),
  };
  const children = commands.filter((sub) => sub.name() !== "help");
  return [node, ...children.flatMap((sub) => nodes(sub, [...path, sub.name()]))];
}

function spellings({ short, long }: Option): string[] {
  return [short, long].filter((word) => word !== undefined && word !== null);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}
