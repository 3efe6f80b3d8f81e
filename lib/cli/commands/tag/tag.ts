import { type Command, Option } from "commander";
import { INPUT_FORMATS, type InputFormat } from "../../../sources/format.ts";
import { RuleSet } from "../../../rules/run/rule_set.ts";
import { openOrUpgrade } from "../../database.ts";
import { CompositeTagger } from "../../../tagging/composite.ts";
import { liftersWith } from "../../../tagging/registry.ts";
import type { Context } from "../../context.ts";
import { printDiagnostics } from "../../output/diagnostics.ts";
import { addExamples, COMMAND_GROUPS } from "../../help.ts";
import { openInputs } from "../../input.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import { storedStates } from "../../rule_states.ts";
import { tagItems } from "./items.ts";
import { TagKeeper } from "./keeper.ts";
import { TagPrinter } from "./printer.ts";

interface TagOptions extends RuleOptions {
  readonly format?: InputFormat;
  readonly json?: boolean;
  readonly db?: string;
  readonly attacker?: string;
}

/** Registers `tag`. */
export function registerTag(program: Command, context: Context): void {
  const command = program.command("tag")
    .helpGroup(COMMAND_GROUPS.work)
    .description("label shell commands, bus events or Cowrie logs from files or standard input")
    .argument("[file...]", "files, or - for standard input, which is the default")
    .addOption(
      new Option("--format <format>", "what the input holds; told by its first line when not said")
        .choices(INPUT_FORMATS),
    )
    .option(
      "--json",
      "print one JSON object for each line, event or session, also for those without tags",
    )
    .option("--db <file>", "store the tags as well")
    .option("--attacker <uuid>", "whom lines of commands belong to; needed to store their tags")
    .action((files: string[], options: TagOptions) => tag(files, options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["echo 'find / -perm -u=s 2>/dev/null' | decnet-ttp tag -", "what does this command show?"],
    ["decnet-ttp tag --json history.txt | jq .tags[].technique_id", "for scripts"],
    ["decnet-ttp tag --format events captured.jsonl", "bus events, one JSON object a line"],
    ["decnet-ttp tag cowrie.json.1.gz cowrie.json", "sessions of a Cowrie log"],
  ]);
}

async function tag(files: readonly string[], options: TagOptions, context: Context): Promise<void> {
  const { pack, attack } = await rulesInForce(options, context);
  const rules = RuleSet.compile(pack.rules, {
    allowBacktracking: options.allowBacktracking ?? false,
    exceptions: pack.exceptions ?? [],
  });
  const states = storedStates(options.db, context);
  const tagger = new CompositeTagger({
    attack,
    rules: () => rules,
    lifters: liftersWith(() => pack.intel),
    stateOf: (ruleId) => states.get(ruleId),
    now: Date.now,
  });
  const printer = new TagPrinter(context.terminal, attack, options.json ?? false);
  using keeper = options.db === undefined
    ? undefined
    : new TagKeeper(openOrUpgrade(options.db, context));
  for await (const input of openInputs(files, options.format, context)) {
    for await (const item of tagItems(input, options.attacker)) {
      const tags = item.events.flatMap((event) => tagger.tag(event).tags);
      printer.print(item, tags);
      keeper?.keep(tags);
    }
  }
  keeper?.flush();
  printDiagnostics(context.terminal, [...printer.summary(), ...keeper?.summary() ?? []]);
}
