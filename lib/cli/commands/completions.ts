import { Argument, type Command } from "commander";
import { completionScript, type Shell, SHELLS } from "../completion/scripts.ts";
import { completionTree } from "../completion/tree.ts";
import type { Context } from "../context.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";

/** Registers `completions`. */
export function registerCompletions(program: Command, context: Context): void {
  const command = program.command("completions")
    .helpGroup(COMMAND_GROUPS.about)
    .description("print a script that lets a shell complete commands and options")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action((shell: Shell) =>
      context.terminal.write(completionScript(shell, completionTree(program)))
    );
  addExamples(command, [
    ["decnet-ttp completions bash > /etc/bash_completion.d/decnet-ttp", "for all users"],
    ["source <(decnet-ttp completions bash)", "for this shell"],
    ["decnet-ttp completions fish > ~/.config/fish/completions/decnet-ttp.fish", "fish"],
  ]);
}
