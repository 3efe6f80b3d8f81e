import { loadEmbeddedAttack } from "../lib/attack/embedded.ts";
import { printDiagnostics, problemLines } from "../lib/cli/output/diagnostics.ts";
import { lifterMatches } from "../lib/cli/rule_examples.ts";
import { processTerminal } from "../lib/cli/output/terminal.ts";
import { checkRules } from "../lib/rules/format/check.ts";
import { matrixOf } from "../lib/rules/format/check_attack.ts";
import type { RuleDocument } from "../lib/rules/format/document.ts";
import { runExamples } from "../lib/rules/run/examples.ts";
import { type ParsedRules, parseRuleFiles } from "../lib/rules/format/load.ts";
import { packFileText } from "../lib/rules/pack.ts";
import { lifterFaults } from "../lib/tagging/registry.ts";
import { readRuleDirectory } from "../lib/worker/rules/rule_directory.ts";

/** Examples of each sort that every shipped rule has at least. */
const MIN_EXAMPLES = 4;

const PACK = "lib/rules/data/pack.json";

const USAGE = `Proves rules/*/*.yaml and rules/intel/*.yaml and writes ${PACK}.
  --check       write nothing; fail when the pack is not what the files say
  --keep-going  write the rules that are right, also when others are not`;

const ATTACK = loadEmbeddedAttack();

const TERMINAL = processTerminal((name) => Deno.env.get(name));

// Paths in diagnostics and in the pack are relative to the project.
Deno.chdir(new URL("..", import.meta.url));
Deno.exit(build(new Set(Deno.args)));

function build(flags: ReadonlySet<string>): number {
  if (!flags.isSubsetOf(new Set(["--check", "--keep-going"]))) return say(2, USAGE);
  const parsed = parseRuleFiles(readRuleDirectory("rules"));
  const bad = faultyFiles(parsed);
  if (bad.size > 0 && !flags.has("--keep-going")) {
    return say(1, `nothing was written: ${bad.size} files have problems`);
  }
  const rules = parsed.rules.filter(({ file }) => !bad.has(file));
  const text = packFileText(rules, parsed.intel);
  const current = readIfThere(PACK);
  if (flags.has("--check")) {
    return current === text
      ? say(0, `${PACK} is up to date: ${rules.length} rules`)
      : say(1, `${PACK} is stale: run \`deno task rules:build\``);
  }
  if (current !== text) Deno.writeTextFileSync(PACK, text);
  return say(bad.size > 0 ? 1 : 0, `${PACK}: ${rules.length} rules, ${parsed.intel.length} tables`);
}

/** Prints everything that is wrong; gives the files that cannot be shipped. */
function faultyFiles(parsed: ParsedRules): ReadonlySet<string> {
  const bad = new Set<string>();
  const checked = checkRules(parsed, ATTACK, {
    lifters: lifterFaults,
    now: new Date(),
  });
  for (const problem of [...parsed.problems, ...checked]) {
    printDiagnostics(TERMINAL, problemLines(problem));
    // A review that is due does not stop a build; any other warning does.
    if (problem.code !== "review_due") bad.add(problem.file);
  }
  for (const { file, document } of parsed.rules) {
    const name = `${document.rule_id}-${document.name.replaceAll("_", "-")}.yaml`;
    const folder = folderOf(document);
    if (file !== `rules/${folder}/${name}`) {
      TERMINAL.err(`error: ${file} holds ${document.rule_id}: move it to rules/${folder}/${name}`);
      bad.add(file);
    }
    const { match = [], no_match: others = [] } = document.tests ?? {};
    if (match.length >= MIN_EXAMPLES && others.length >= MIN_EXAMPLES) continue;
    TERMINAL.err(
      `error: ${file} has ${match.length} matching and ${others.length} other examples, ` +
        `a shipped rule has at least ${MIN_EXAMPLES} of each`,
    );
    bad.add(file);
  }
  const sound = parsed.rules.filter(({ file }) => !bad.has(file));
  const report = runExamples(sound, lifterMatches(parsed.intel));
  for (const { file, group, index, example, message } of report.failures) {
    TERMINAL.err(`error: ${file} tests.${group}[${index}] ${message}: ${JSON.stringify(example)}`);
    bad.add(file);
  }
  return bad;
}

/** The tactic that a rule emits first, as ATT&CK spells it; a rule that emits nothing only changes confidences. */
function folderOf({ emits }: RuleDocument): string {
  const [first] = emits;
  if (first === undefined) return "confidence";
  return matrixOf(ATTACK, first).tactic(first.tactic)?.shortname ?? "";
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function say(code: number, message: string): number {
  TERMINAL.err(message);
  return code;
}
