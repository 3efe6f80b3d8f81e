import type { Command } from "commander";
import type { Context } from "./context.ts";
import { COMMAND_GROUPS } from "./help.ts";
import { registerRulesHistory } from "./rules_history.ts";
import { registerRulesList } from "./rules_list.ts";
import { registerRulesMigrate } from "./rules_migrate.ts";
import { registerRulesNew, registerRulesSchema } from "./rules_new.ts";
import { registerRulesTest } from "./rules_prove.ts";
import { registerRulesShow } from "./rules_show.ts";
import { registerRulesState } from "./rules_state.ts";

/** Registers `rules` with its subcommands. */
export function registerRules(program: Command, context: Context): void {
  const group = program.command("rules")
    .helpGroup(COMMAND_GROUPS.rules)
    .description("look at rules, prove their examples, change their state");
  const registrars = [
    registerRulesList,
    registerRulesShow,
    registerRulesTest,
    registerRulesState,
    registerRulesHistory,
    registerRulesNew,
    registerRulesSchema,
    registerRulesMigrate,
  ];
  for (const register of registrars) register(group, context);
}
