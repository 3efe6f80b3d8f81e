import type { Command } from "commander";
import { join } from "node:path";
import { bundleJson } from "../../attack/bundle.ts";
import { AttackBundleError } from "../../attack/errors.ts";
import { sha256 } from "../../attack/hash.ts";
import type { Attack, Matrix, Technique } from "../../attack/matrix.ts";
import { MITRE_NOTICE } from "../../attack/notice.ts";
import { EMBEDDED_PINS, KNOWN_BUNDLES } from "../../attack/pins.ts";
import { slimBundle } from "../../attack/slim.ts";
import { nearest } from "../../attack/spelling.ts";
import { addAttackOptions, attackInForce, type AttackOptions } from "../attack_source.ts";
import type { Context } from "../context.ts";
import { jsonLine } from "../../text/terminal.ts";
import { EXIT, Exit } from "../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { tableLines } from "../output/table.ts";

interface ShowOptions extends AttackOptions {
  readonly json?: boolean;
}

/** Registers `attack info`, `lookup`, `groups`, `license` and `build`. */
export function registerAttack(program: Command, context: Context): void {
  const group = program.command("attack")
    .helpGroup(COMMAND_GROUPS.attack)
    .description("look things up in the ATT&CK releases that the program carries");

  const info = group.command("info")
    .description("which releases, how large, and where they come from")
    .option("--json", "print one JSON object")
    .action((options: ShowOptions) => showInfo(options, context));
  const lookup = group.command("lookup")
    .description("what a technique, sub-technique or tactic is")
    .argument("<id>", "an id such as T1105, T1548.001 or TA0011, or a tactic's short name")
    .option("--json", "print one JSON object")
    .action((id: string, options: ShowOptions) => showLookup(id, options, context));
  const groups = group.command("groups")
    .description("which groups use exactly this technique")
    .argument("<id>", "id of a technique or sub-technique")
    .option("--json", "print one JSON object a line")
    .action((id: string, options: ShowOptions) => showGroups(id, options, context));
  for (const command of [info, lookup, groups]) addAttackOptions(command);
  addExamples(info, [["decnet-ttp attack info", "what is inside?"]]);
  addExamples(lookup, [
    ["decnet-ttp attack lookup T1548.001", "a sub-technique"],
    ["decnet-ttp attack lookup T1562.004", "a revoked one names its successor"],
  ]);
  addExamples(groups, [["decnet-ttp attack groups T1105 --json", "for scripts"]]);

  const license = group.command("license")
    .description("MITRE's notice, which goes with every copy of ATT&CK data")
    .action(() => context.terminal.out(MITRE_NOTICE.trimEnd()));
  addExamples(license, [["decnet-ttp attack license", "the notice"]]);

  const build = group.command("build")
    .description("make the slim bundles that the program is built with out of MITRE's")
    .argument("<file...>", "STIX bundles, raw or gzip")
    .option("--out <dir>", "where they go", ".")
    .action((files: string[], options: { out: string }) => buildBundles(files, options, context));
  addExamples(build, [
    ["decnet-ttp attack build enterprise-attack.json.gz --out lib/attack/data", "one domain"],
  ]);
}

async function showInfo(options: ShowOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const { enterprise, ics } = await attackInForce(options, context);
  const releases = [enterprise, ics].map((matrix) => ({
    release: matrix.release,
    tactics: matrix.tactics.length,
    techniques: inUse(matrix).filter(({ parentId }) => parentId === undefined).length,
    sub_techniques: inUse(matrix).filter(({ parentId }) => parentId !== undefined).length,
    groups: matrix.groups.length,
    sha256: matrix.sha256,
    provenance: provenanceOf(matrix),
  }));
  if (options.json === true) return terminal.out(jsonLine({ releases }));
  for (const facts of releases) {
    terminal.out(terminal.paint("bold", facts.release));
    terminal.out(
      `  ${facts.tactics} tactics, ${facts.techniques} techniques, ` +
        `${facts.sub_techniques} sub-techniques, ${facts.groups} groups`,
    );
    terminal.out(`  ${facts.provenance}`);
    terminal.out(`  sha256 ${facts.sha256}`);
  }
}

/** In one honest sentence, where the data of a matrix comes from. */
function provenanceOf({ sha256: hash }: Matrix): string {
  const pin = Object.values(EMBEDDED_PINS).find((embedded) => embedded.sha256 === hash);
  return KNOWN_BUNDLES[pin?.sourceSha256 ?? hash]?.provenance ?? "Given with --attack-bundle.";
}

function inUse(matrix: Matrix): readonly Technique[] {
  return matrix.techniques.filter(({ revoked, deprecated }) => !revoked && !deprecated);
}

async function showLookup(id: string, options: ShowOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const attack = await attackInForce(options, context);
  for (const matrix of [attack.enterprise, attack.ics]) {
    const tactic = matrix.tactic(id);
    if (tactic !== undefined) {
      const techniques = inUse(matrix).filter(({ tactics }) => tactics.includes(tactic.id));
      const facts = { ...tactic, release: matrix.release, techniques: techniques.length };
      if (options.json === true) return terminal.out(jsonLine(facts));
      terminal.out(`${terminal.paint("bold", `${tactic.id} ${tactic.name}`)} (${matrix.release})`);
      terminal.out(`  short name ${tactic.shortname}, ${techniques.length} techniques in use`);
      return terminal.out(`  ${tactic.url}`);
    }
    const technique = matrix.technique(id);
    if (technique !== undefined) return printTechnique(matrix, technique, options, context);
  }
  throw unknown(attack, id);
}

function printTechnique(
  matrix: Matrix,
  technique: Technique,
  options: ShowOptions,
  { terminal }: Context,
): void {
  const subs = matrix.subTechniques(technique.id);
  const successors = matrix.successors(technique.id);
  if (options.json === true) {
    return terminal.out(jsonLine({
      ...technique,
      release: matrix.release,
      sub_techniques: subs.map(({ id }) => id),
      groups: matrix.groupsUsing(technique.id).length,
      successors,
    }));
  }
  const head = terminal.paint("bold", `${technique.id} ${technique.name}`);
  terminal.out(`${head} (${matrix.release})`);
  if (technique.revoked) {
    const named = successors.map((id) => `${id} (${matrix.technique(id)?.name})`);
    terminal.out(`  revoked; its successor is ${named.join(", then ") || "not known"}`);
  }
  if (technique.deprecated) terminal.out("  deprecated");
  const tactics = technique.tactics.map((id) => `${id} ${matrix.tactic(id)?.name}`);
  if (tactics.length > 0) terminal.out(`  tactics: ${tactics.join(", ")}`);
  if (technique.platforms.length > 0) {
    terminal.out(`  platforms: ${technique.platforms.join(", ")}`);
  }
  if (subs.length > 0) terminal.out(`  sub-techniques: ${subs.map(({ id }) => id).join(", ")}`);
  terminal.out(`  groups: ${matrix.groupsUsing(technique.id).length}`);
  terminal.out(`  ${technique.url}`);
}

async function showGroups(id: string, options: ShowOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const attack = await attackInForce(options, context);
  const matrix = [attack.enterprise, attack.ics].find((known) => known.technique(id) !== undefined);
  if (matrix === undefined) throw unknown(attack, id);
  const using = matrix.groupsUsing(id);
  if (options.json === true) {
    for (const group of using) terminal.out(jsonLine(group));
    return;
  }
  if (using.length === 0) return terminal.out(`no group is known to use exactly ${id}`);
  const rows = using.map(({ id: group, name, aliases }) => [group, name, aliases.join(", ")]);
  const columns = [{ title: "group" }, { title: "name", min: 12 }, { title: "aliases", min: 8 }];
  for (const line of tableLines(terminal, columns, rows)) terminal.out(line);
}

function unknown({ enterprise, ics }: Attack, id: string): Exit {
  const ids = [enterprise, ics].flatMap((matrix) => [
    ...inUse(matrix).map((technique) => technique.id),
    ...matrix.tactics.flatMap((tactic) => [tactic.id, tactic.shortname]),
  ]);
  const meant = nearest(id, ids);
  return new Exit(
    EXIT.usage,
    `${JSON.stringify(id.slice(0, 80))} is neither in ATT&CK ${enterprise.release} nor in ` +
      `${ics.release}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

async function buildBundles(
  files: readonly string[],
  { out }: { readonly out: string },
  { terminal }: Context,
): Promise<void> {
  for (const file of files) {
    const json = await bundleJson(readBytes(file));
    const { domain, version, text } = namedFor(
      file,
      () => slimBundle(new TextDecoder().decode(json), sha256(json)),
    );
    const path = join(out, `${domain}.json`);
    Deno.writeTextFileSync(path, text);
    terminal.out(`${path}: ${domain} ${version}, ${text.length} characters`);
    terminal.out(`  source sha256 ${sha256(json)}`);
    terminal.out(`  own sha256    ${sha256(text)}; pin both in lib/attack/pins.ts`);
  }
}

function readBytes(file: string): Uint8Array {
  try {
    return Deno.readFileSync(file);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "it does not exist" : String(error);
    throw new Exit(EXIT.usage, `cannot read ${file}: ${reason}`);
  }
}

function namedFor<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AttackBundleError) {
      throw new AttackBundleError(`${file}: ${error.message}`);
    }
    throw error;
  }
}
