import type { Attack } from "../../../attack/matrix.ts";
import { type FieldCondition, isLifterMatch } from "../../../rules/format/document.ts";
import type { Excerpt, GroupExplanation } from "../../../rules/run/explanation.ts";
import { printable } from "../../../text/terminal.ts";
import type { ExplainedRule } from "./explain.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Longest condition and longest find that are shown, in characters. */
const SHOWN_CHARACTERS = 160;

/** Literals of the prefilter that are named. */
const SHOWN_LITERALS = 8;

/** Prints what every rule made of one text: those that match first, then the near ones. */
export function printExplained(
  terminal: Terminal,
  attack: Attack,
  text: string,
  explained: readonly ExplainedRule[],
  all: boolean,
): void {
  terminal.out(terminal.paint("bold", printable(text, SHOWN_CHARACTERS * 2)));
  const matched = explained.filter((one) => one.matched);
  const dismissed = explained.filter((one) =>
    !one.matched && one.explanation?.missing !== undefined
  );
  const near = explained.filter((one) => !one.matched && one.explanation?.missing === undefined);
  for (const one of matched) printMatch(terminal, attack, one);
  for (const one of near) printNear(terminal, one);
  if (all) { for (const one of dismissed) printDismissed(terminal, one); }
  terminal.out(
    terminal.paint(
      "dim",
      `${matched.length} of ${explained.length} rules match; ${near.length} were tried in vain; ` +
        `${dismissed.length} were dismissed because none of their words occurs` +
        (all || dismissed.length === 0 ? "" : " (--all shows them)"),
    ),
  );
}

function printMatch(terminal: Terminal, attack: Attack, one: ExplainedRule): void {
  const { rule, explanation, state, emissions } = one;
  terminal.out();
  terminal.out(`${terminal.paint("green", "matches")} ${title(one)}${originNote(one)}`);
  for (const { group, conditions } of explanation?.groups ?? []) {
    const shown = group === "any"
      ? conditions.filter(({ holds }) => holds).slice(0, 1)
      : conditions;
    for (const condition of shown) {
      terminal.out(`  ${group}: ${describe(condition.condition)}`);
      const { excerpt, holds } = condition;
      if (excerpt === undefined || !holds) continue;
      for (const line of marked(terminal, excerpt)) terminal.out(`    ${line}`);
    }
  }
  const { match } = rule.document;
  if (isLifterMatch(match)) terminal.out(`  decided by ${match.kind}`);
  if (one.exception !== undefined) {
    const { from, name } = one.exception;
    const whose = from === "rule" ? "the rule's exception" : "the operator's exception";
    terminal.out(`  ${terminal.paint("yellow", `does not count: ${whose} ${printable(name)}`)}`);
  }
  for (const { technique, base, confidence, outcome } of emissions) {
    const name = attack.enterprise.technique(technique)?.name ??
      attack.ics.technique(technique)?.name ?? "";
    const path = confidence === base
      ? confidence.toFixed(2)
      : `${base.toFixed(2)}, clipped to ${confidence.toFixed(2)}`;
    const note = outcome === "written"
      ? ""
      : outcome === "excepted"
      ? terminal.paint("yellow", "  not written: excepted")
      : outcome === "rule_disabled"
      ? terminal.paint("yellow", "  not written: the rule is disabled")
      : terminal.paint("yellow", "  not written: below 0.30");
    terminal.out(`  ${terminal.paint("cyan", technique)} ${path}  ${name}${note}`);
  }
  if (state.state === "clipped") {
    terminal.out(`  clipped${state.reason ? `: ${printable(state.reason)}` : ""}`);
  }
}

function printNear(terminal: Terminal, one: ExplainedRule): void {
  terminal.out();
  terminal.out(`${terminal.paint("yellow", "no match")} ${title(one)}`);
  const { match } = one.rule.document;
  if (isLifterMatch(match)) terminal.out(`  ${match.kind} says no`);
  for (const group of one.explanation?.groups ?? []) {
    if (!group.holds) printFailedGroup(terminal, group);
  }
}

function printFailedGroup(terminal: Terminal, { group, conditions }: GroupExplanation): void {
  if (group === "none") {
    for (const { condition, holds } of conditions) {
      if (holds) terminal.out(`  none: ${describe(condition)} holds, and should not`);
    }
    return;
  }
  const failed = conditions.filter(({ holds }) => !holds);
  const nearest = failed.filter(({ nearest }) => nearest !== undefined);
  for (const condition of nearest.slice(0, 3)) {
    terminal.out(
      `  ${group}: ${terminal.paint("dim", printable(condition.nearest ?? "", 60))} fails on ` +
        (condition.fails ?? []).map((key) => failedPart(condition.condition, key)).join(", "),
    );
  }
  const others = failed.length - Math.min(nearest.length, 3);
  if (nearest.length === 0) {
    for (const { condition } of failed.slice(0, 3)) {
      terminal.out(`  ${group}: not found: ${describe(condition)}`);
    }
  }
  if (nearest.length > 0 && others > 0) {
    terminal.out(terminal.paint("dim", `  and ${others} other conditions that no command is for`));
  }
}

function failedPart(condition: FieldCondition, key: string): string {
  const value = (condition.command as Readonly<Record<string, unknown>> | undefined)?.[key];
  return value === undefined ? key : `${key} ${printable(shown(value), SHOWN_CHARACTERS)}`;
}

function printDismissed(terminal: Terminal, one: ExplainedRule): void {
  const literals = (one.explanation?.missing ?? []).map((groups) => groups[0] ?? []).flat();
  const named = [...new Set(literals)].slice(0, SHOWN_LITERALS).map((literal) =>
    printable(literal)
  );
  terminal.out();
  terminal.out(`${terminal.paint("dim", "dismissed")} ${title(one)}`);
  terminal.out(
    terminal.paint(
      "dim",
      `  none of ${named.join(", ")}${literals.length > named.length ? ", …" : ""} occurs`,
    ),
  );
}

function title({ rule }: ExplainedRule): string {
  return `${rule.document.rule_id} ${rule.document.name}`;
}

function originNote({ explanation }: ExplainedRule): string {
  if (explanation?.origin.decoded === true) return " (in what the command decodes and runs)";
  return explanation?.origin.normalised === true ? " (without its obfuscation)" : "";
}

/** A condition in one line, as its rule says it. */
function describe(condition: FieldCondition): string {
  const { command, ...rest } = condition;
  const parts = Object.entries(command ?? rest)
    .sort(([a], [b]) => Number(b === "program") - Number(a === "program"))
    .map(([key, value]) => `${key} ${shown(value)}`);
  return printable(
    `${command === undefined ? "" : "command with "}${parts.join("; ")}`,
    SHOWN_CHARACTERS,
  );
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join("|") : String(value);
}

/** What was found with the text around it, and a line that underlines it. */
function marked(terminal: Terminal, excerpt: Excerpt): readonly string[] {
  const [before, found, after] = [excerpt.before, excerpt.found, excerpt.after].map((text) =>
    printable(text)
  );
  return [
    `${before}${terminal.paint("green", found ?? "")}${after}`,
    `${" ".repeat([...before ?? ""].length)}${"^".repeat(Math.max(1, [...found ?? ""].length))}`,
  ];
}
