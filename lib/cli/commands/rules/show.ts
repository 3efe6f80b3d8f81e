import type { Command } from "commander";
import { stringify } from "yaml";
import type { Attack } from "../../../attack/matrix.ts";
import { matrixOf } from "../../../rules/format/check_attack.ts";
import type { RuleDocument } from "../../../rules/format/document.ts";
import { effectiveState } from "../../../rules/state.ts";
import type { Context } from "../../context.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { addExamples } from "../../help.ts";
import { selectRules } from "../../rule_selection.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import { ruleActivity } from "../../rule_states.ts";
import { stateText } from "./list.ts";

interface ShowOptions extends RuleOptions {
  readonly json?: boolean;
  readonly db?: string;
}

/** Registers `rules show`. */
export function registerRulesShow(group: Command, context: Context): void {
  const command = group.command("show")
    .description("one rule: its text, examples, techniques by name, and state")
    .argument("<id>", "id of the rule")
    .option("--db <file>", "database with the states")
    .option("--json", "print one JSON object")
    .action((id: string, options: ShowOptions) => show(id, options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp rules show R0015", "what does R0015 look for?"],
    ["decnet-ttp rules show R0015 > my-rules/R0015.yaml", "a copy to change"],
  ]);
}

/** The output is a rule file: what it says beside the rule stands in comments. */
async function show(id: string, options: ShowOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const { pack, attack } = await rulesInForce(options, context);
  const now = Date.now();
  const { states, hits, suppressed } = ruleActivity(options.db, context, now);
  for (const { document, file, hash } of selectRules(pack.rules, { ids: [id] })) {
    const techniques = techniqueNames(document, attack);
    const state = effectiveState(states.get(document.rule_id), now);
    const tags = hits.get(document.rule_id) ?? 0;
    const held = suppressed.get(document.rule_id) ?? {};
    if (options.json === true) {
      const activity = { hits_24h: tags, suppressed_24h: held };
      terminal.out(jsonLine({ ...document, file, hash, state, ...activity, techniques }));
      continue;
    }
    const notes = [
      `# from ${printable(file)}, sha256 ${hash}`,
      `# state: ${printable(stateText(state))}; tags in the last 24 hours: ${tags}`,
      ...Object.entries(held).map(([reason, count]) =>
        `# held back in the last 24 hours: ${count} (${reason.replaceAll("_", " ")})`
      ),
      ...techniques.map(({ id: technique, name, tactic }) => `# ${technique} ${name} (${tactic})`),
    ];
    for (const line of notes) terminal.out(terminal.paint("dim", line));
    for (const line of stringify(document, { lineWidth: 0 }).trimEnd().split("\n")) {
      terminal.out(printable(line));
    }
  }
}

function techniqueNames(
  { emits }: RuleDocument,
  attack: Attack,
): readonly { readonly id: string; readonly name: string; readonly tactic: string }[] {
  return emits.map((emission) => {
    const matrix = matrixOf(attack, emission);
    const id = emission.sub_technique_id ?? emission.technique_id;
    return {
      id,
      name: matrix.technique(id)?.name ?? "",
      tactic: `${emission.tactic} ${matrix.tactic(emission.tactic)?.name ?? ""}`.trimEnd(),
    };
  });
}
