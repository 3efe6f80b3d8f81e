import type { Command } from "commander";

/** One example: a command line and what it does. */
export type Example = readonly [commandLine: string, does: string];

/** Adds an "Examples" section to the end of a command's help. */
export function addExamples(command: Command, examples: readonly Example[]): void {
  const lines = examples.flatMap(([commandLine, does]) => [`  # ${does}`, `  ${commandLine}`]);
  command.addHelpText("after", ["", "Examples:", ...lines].join("\n"));
}

/** Adds a titled section of prose to the end of a command's help. */
export function addSection(command: Command, title: string, lines: readonly string[]): void {
  command.addHelpText("after", ["", `${title}:`, ...lines.map((line) => `  ${line}`)].join("\n"));
}

/** Headings under which the program's help lists its commands. */
export const COMMAND_GROUPS = {
  work: "Tagging:",
  rules: "Rules:",
  attack: "ATT&CK:",
  data: "Database:",
  about: "About:",
} as const;
