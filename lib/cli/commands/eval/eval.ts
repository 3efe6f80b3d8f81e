import type { Command } from "commander";
import {
  compareReports,
  type Comparison,
  figure,
  type FigureName,
  FIGURES,
  isNoise,
} from "../../../rules/evaluation/comparison.ts";
import {
  CorpusError,
  corpusFormat,
  type CorpusItem,
  readCorpusLine,
  splitOfItem,
} from "../../../rules/evaluation/corpus.ts";
import { DEFAULT_EVALUATION_FLOOR, Measurement } from "../../../rules/evaluation/measurement.ts";
import type { Report } from "../../../rules/evaluation/report.ts";
import type { Split } from "../../../rules/evaluation/split.ts";
import { RuleSet } from "../../../rules/run/rule_set.ts";
import type { Context } from "../../context.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, addSection, COMMAND_GROUPS } from "../../help.ts";
import { openInputs } from "../../input.ts";
import { jsonLine } from "../../../text/terminal.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import { printComparison } from "./comparison_tables.ts";
import { SessionLabeller } from "./labeller.ts";
import { printReport } from "./tables.ts";

interface EvalOptions extends RuleOptions {
  readonly json?: boolean;
  readonly min?: readonly string[];
  readonly compare?: string;
  readonly floor: string;
  readonly split: string;
  readonly worst: string;
}

/** A limit that a figure has to reach. */
interface Limit {
  /** Absent when the limit is for the main figure, whichever that is. */
  readonly name?: FigureName;
  readonly value: number;
}

/** Registers `eval`. */
export function registerEval(program: Command, context: Context): void {
  const command = program.command("eval")
    .helpGroup(COMMAND_GROUPS.rules)
    .description("measure the rules on labelled commands and requests")
    .argument("<corpus...>", "files; - for standard input")
    .option("--json", "print one JSON object with every figure, miss and false alarm")
    .option(
      "--min <limit...>",
      "fail below a limit: 0.9, or name=0.9; a noise must not be above its limit",
    )
    .option("--compare <file>", "show what has changed since an earlier run's --json output")
    .option(
      "--floor <confidence>",
      "labels below it do not count",
      String(DEFAULT_EVALUATION_FLOOR),
    )
    .option(
      "--split <part>",
      "all, train (four fifths to work on) or test (the fifth to measure at the end)",
      "all",
    )
    .option("--worst <count>", "how many misses, false alarms, techniques and rules to list", "10")
    .action((files: string[], options: EvalOptions) => evaluate(files, options, context));
  addRuleOptions(command);
  addSection(command, "Corpora", [
    "a file is one of these, one entry a line, told by its first line:",
    'honeypot lines: {"id", "input", "must": [techniques], "may": [techniques]}',
    'tests: {"technique", "name", "lines": [commands]}; one command that shows it is enough',
    'abused programs: {"id", "function", "line"}, functions as in GTFOBins',
    'requests: {"id", "label": attack, exploit or ordinary, "requests": [objects]}',
    'traffic: {"input", "count"}, commands without labels and how often they were typed',
    "plain text: ordinary commands; labels outside Discovery and Reconnaissance are noise,",
    "those that anybody's day is full of (chmod, rm, scripts, passwd, kill) are counted apart",
    "the part of an entry is decided by a hash of its text, the same in every run",
    `limits: ${FIGURES.slice(0, 8).join(", ")},`,
    `${FIGURES.slice(8).join(", ")}; without a name, f1 of honeypot`,
    "lines, else exact_recall of tests, else the share of ordinary commands without noise",
  ]);
  addExamples(command, [
    ["decnet-ttp eval corpus/*.jsonl", "how good are the rules?"],
    ["decnet-ttp eval corpus.jsonl --min f1=0.92 macro_f1=0.8", "as a gate: exit code 1 below"],
    ["decnet-ttp eval c.jsonl --json > before.json", "keep it for --compare before.json"],
    ["decnet-ttp eval corpus/* --split train", "work on four fifths, keep one for the end"],
  ]);
}

async function evaluate(
  files: readonly string[],
  options: EvalOptions,
  context: Context,
): Promise<void> {
  const limits = (options.min ?? []).map(readLimit);
  const floor = readNumber("--floor", options.floor);
  const before = options.compare === undefined ? undefined : readReport(options.compare);
  const split = readSplit(options.split);
  const { pack, attack } = await rulesInForce(options, context);
  const rules = RuleSet.compile(pack.rules, {
    allowBacktracking: options.allowBacktracking ?? false,
  });
  const measurement = new Measurement(new SessionLabeller(rules, attack), floor);
  for await (const { item, collection } of readCorpora(files, context)) {
    if (split === undefined || splitOfItem(item) === split) measurement.add(item, collection);
  }
  const report = measurement.report();
  const comparison = before === undefined ? undefined : compareReports(before, report);
  show(report, comparison, options, context);
  const short = limits.flatMap((limit) => shortfall(report, limit));
  if (short.length > 0) throw new Exit(EXIT.no, short.join("\n"));
}

function show(
  report: Report,
  comparison: Comparison | undefined,
  options: EvalOptions,
  { terminal }: Context,
): void {
  if (options.json === true) {
    terminal.out(jsonLine({ ...report, ...(comparison !== undefined && { comparison }) }));
    return;
  }
  printReport(terminal, report, readNumber("--worst", options.worst));
  if (comparison !== undefined) printComparison(terminal, comparison);
}

async function* readCorpora(
  files: readonly string[],
  context: Context,
): AsyncGenerator<{ readonly item: CorpusItem; readonly collection: string }> {
  for await (const { name, lines } of openInputs(files, "lines", context)) {
    let format: ReturnType<typeof corpusFormat> | undefined;
    for await (const { text, number } of lines) {
      if (text.trim() === "") continue;
      format ??= corpusFormat(text);
      try {
        const item = readCorpusLine(text, format, `${name}:${number}`);
        if (item !== undefined) yield { item, collection: collectionOf(name) };
      } catch (error) {
        if (error instanceof CorpusError) throw new Exit(EXIT.usage, error.message);
        throw error;
      }
    }
  }
}

/** Name of a file without its folder and its ending. */
function collectionOf(name: string): string {
  return name.replace(/^.*[\\/]/, "").replace(/\.[a-z]+$/i, "");
}

function readSplit(text: string): Split | undefined {
  if (text === "all") return undefined;
  if (text === "train" || text === "test") return text;
  throw new Exit(EXIT.usage, `--split ${text}: use all, train or test`);
}

function readLimit(text: string): Limit {
  const [first = "", second] = text.split("=");
  const value = readNumber("--min", second ?? first);
  if (second === undefined) return { value };
  const name = FIGURES.find((one) => one === first);
  if (name !== undefined) return { name, value };
  throw new Exit(
    EXIT.usage,
    `--min ${text}: there is no figure ${first}; use ${FIGURES.join(", ")}`,
  );
}

function readNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new Exit(EXIT.usage, `${option} needs a number from 0, not ${text}`);
}

function readReport(path: string): Report {
  try {
    return JSON.parse(Deno.readTextFileSync(path)) as Report;
  } catch (error) {
    const reason = error instanceof SyntaxError ? "it is not JSON" : String(error);
    throw new Exit(EXIT.usage, `cannot read ${path}: ${reason}`);
  }
}

/** @returns one line when the limit is not reached */
function shortfall(report: Report, { name, value }: Limit): readonly string[] {
  const quiet = report.benign === undefined ? undefined : 1 - report.benign.noise;
  const reached = name === undefined
    ? report.honeypot?.f1 ?? report.tests?.exact_recall ?? quiet
    : figure(report, name);
  const what = name ?? "the main figure";
  if (reached === undefined) return [`${what} was not measured: the corpora have nothing for it`];
  const isUpper = name !== undefined && isNoise(name);
  if (isUpper ? reached <= value : reached >= value) return [];
  return [
    `${what} is ${reached.toFixed(4)}, ${isUpper ? "at most" : "at least"} ${value} is asked for`,
  ];
}
