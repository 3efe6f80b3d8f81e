import type { Command } from "commander";
import { join } from "node:path";
import { RULE_ID } from "../../../rules/format/schema.ts";
import { RULE_JSON_SCHEMA } from "../../../rules/format/json_schema.ts";
import { loadPack } from "../../../rules/pack.ts";
import { ruleTemplate } from "../../../rules/format/template.ts";
import type { Context } from "../../context.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples } from "../../help.ts";

interface NewOptions {
  readonly rules?: string;
}

/** Registers `rules new`. */
export function registerRulesNew(group: Command, context: Context): void {
  const command = group.command("new")
    .description("write a commented rule file to begin with; it is sound and its examples hold")
    .argument("<id>", "id of the rule: a letter, then letters, digits, _ and -")
    .option("--rules <dir>", "write DIR/<id>.yaml; without it, print the file")
    .action((id: string, options: NewOptions) => create(id, options, context));
  addExamples(command, [
    ["decnet-ttp rules new MY_RULE --rules ./my-rules", "a rule of my own"],
  ]);
}

/** Registers `rules schema`. */
export function registerRulesSchema(group: Command, context: Context): void {
  const command = group.command("schema")
    .description("print the JSON Schema of rule files, for editors")
    .action(() => context.terminal.out(JSON.stringify(RULE_JSON_SCHEMA, null, 2)));
  addExamples(command, [
    ["decnet-ttp rules schema > rule.schema.json", "for the YAML plug-in of an editor"],
  ]);
}

function create(id: string, { rules }: NewOptions, { terminal }: Context): void {
  if (!RULE_ID.test(id)) {
    throw new Exit(
      EXIT.usage,
      `${id} is not an id: a letter, then up to 63 letters, digits, _ and -`,
    );
  }
  const text = ruleTemplate(id);
  if (rules === undefined) return terminal.write(text);
  const path = join(rules, `${id}.yaml`);
  try {
    Deno.mkdirSync(rules, { recursive: true });
    Deno.writeTextFileSync(path, text, { createNew: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new Exit(EXIT.usage, `${path} is there already; nothing was written`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new Exit(EXIT.usage, `cannot write ${path}: permission denied`);
    }
    throw error;
  }
  terminal.out(path);
  if (loadPack().rules.some(({ document }) => document.rule_id === id)) {
    terminal.err(`warning: ${id} is a rule of the pack; with --rules this file takes its place`);
  }
}
