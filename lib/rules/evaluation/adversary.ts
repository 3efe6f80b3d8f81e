import { commandPatterns } from "../format/command_condition.ts";
import { isLifterMatch, type RuleDocument } from "../format/document.ts";
import { textPattern } from "../compile/pattern.ts";
import { patternSamples } from "./pattern_samples.ts";
import type { Rule } from "../rule.ts";

/** Length of an attack text: as much as is ever matched, 64 KiB. */
export const ATTACK_CHARACTERS = 64 * 1024;

/** Longest time that one pattern may take for one text, in milliseconds (page 9: 20). */
export const ATTACK_LIMIT_MS = 20;

/** Times that a text over the limit is tried again: another process may have had the processor. */
const RETRIES = 3;

/** A pattern that took too long. */
export interface SlowPattern {
  readonly ruleId: string;
  readonly pattern: string;
  /** Best of several runs. */
  readonly milliseconds: number;
  /** Beginning of the text that it took them for. */
  readonly text: string;
}

/** What the proof of a set of rules found. */
export interface AttackReport {
  /** Different patterns that were tried. */
  readonly patterns: number;
  readonly texts: number;
  /** The longest time of any pattern on any text, in milliseconds, and whose it was. */
  readonly worst: {
    readonly milliseconds: number;
    readonly ruleId: string;
    readonly pattern: string;
  };
  readonly slow: readonly SlowPattern[];
}

/**
 * Texts of 64 KiB that make an engine work hard on a pattern: what nearly matches
 * it again and again, at every place, with one thing wrong in the end.
 */
export function attackTexts(pattern: string): readonly string[] {
  const texts = new Set<string>();
  for (const sample of patternSamples(pattern)) {
    texts.add(fill(sample));
    texts.add(fill(sample.slice(0, -1)));
    texts.add(fill(sample.slice(1)));
    texts.add(fill(`${sample.slice(0, Math.ceil(sample.length / 2))} `));
  }
  const [first = "a"] = patternSamples(pattern);
  const characters = [...new Set(first)].slice(0, 4);
  for (const character of characters) texts.add(`${fill(character).slice(1)}\n`);
  texts.delete("");
  return [...texts];
}

/**
 * Tries every pattern of every rule on its own attack texts.
 *
 * @param now a clock in milliseconds with fractions
 * @param progress called after each rule with how many are done
 */
export function attackRules(
  rules: readonly Rule[],
  now: () => number,
  progress: (done: number) => void = () => {},
): AttackReport {
  const tried = new Set<string>();
  const slow: SlowPattern[] = [];
  let worst = { milliseconds: 0, ruleId: "", pattern: "" };
  let texts = 0;
  for (const [index, { document }] of rules.entries()) {
    for (const { pattern, place } of patternsOf(document)) {
      if (tried.has(pattern)) continue;
      tried.add(pattern);
      const compiled = textPattern(pattern, []);
      const search = (text: string): unknown => place ? compiled.find(text) : compiled.test(text);
      // The first search compiles; that is paid once, not by every text.
      search("");
      for (const text of attackTexts(pattern)) {
        texts += 1;
        const milliseconds = bestTime(() => search(text), now);
        const ruleId = document.rule_id;
        if (milliseconds > worst.milliseconds) worst = { milliseconds, ruleId, pattern };
        if (milliseconds <= ATTACK_LIMIT_MS) continue;
        slow.push({ ruleId, pattern, milliseconds, text: text.slice(0, 80) });
        break;
      }
    }
    progress(index + 1);
  }
  return { patterns: tried.size, texts, worst, slow };
}

/** A pattern as the matcher runs it. */
export interface RunPattern {
  readonly pattern: string;
  /** The place of the match is looked for too; inside `command` conditions only whether there is one. */
  readonly place: boolean;
}

/** Every pattern of a rule, also those inside `command` conditions. */
export function patternsOf({ match }: RuleDocument): readonly RunPattern[] {
  if (isLifterMatch(match)) return [];
  const { any = [], all = [], none = [], ...direct } = match;
  return [direct, ...any, ...all, ...none].flatMap(({ pattern, command }) => [
    ...(pattern === undefined ? [] : [{ pattern, place: true }]),
    ...(command === undefined
      ? []
      : commandPatterns(command).map(([, one]) => ({ pattern: one, place: false }))),
  ]);
}

function bestTime(work: () => unknown, now: () => number): number {
  let best = Infinity;
  for (let attempt = 0; attempt < RETRIES && best > ATTACK_LIMIT_MS; attempt++) {
    const start = now();
    work();
    best = Math.min(best, now() - start);
  }
  return best;
}

function fill(piece: string): string {
  return piece === "" ? "" : piece.repeat(Math.ceil(ATTACK_CHARACTERS / piece.length))
    .slice(0, ATTACK_CHARACTERS);
}
