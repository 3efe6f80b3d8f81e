import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { COMMAND_GROUPS } from "../../help.ts";
import { registerRulesFields } from "./fields.ts";
import { registerRulesHistory } from "./history.ts";
import { registerRulesList } from "./list.ts";
import { registerRulesMigrate } from "./migrate.ts";
import { registerRulesNew, registerRulesSchema } from "./new.ts";
import { registerRulesTest } from "./prove.ts";
import { registerRulesShow } from "./show.ts";
import { registerRulesState } from "./state.ts";

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
    registerRulesFields,
    registerRulesNew,
    registerRulesSchema,
    registerRulesMigrate,
  ];
  for (const register of registrars) register(group, context);
}
