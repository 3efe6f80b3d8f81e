import assert from "assert";
import { compareReports, figure } from "../../../lib/rules/evaluation/comparison.ts";
import type { CorpusItem } from "../../../lib/rules/evaluation/corpus.ts";
import { type Label, Measurement } from "../../../lib/rules/evaluation/measurement.ts";
import type { Report } from "../../../lib/rules/evaluation/report.ts";

/** A text says itself what it is labelled with: `T1105/TA0011/0.9/R1 …`. */
function labelsOf(text: string): readonly Label[] {
  return text.split(" ").filter((word) => word !== "").map((word) => {
    const [technique = "", tactic = "TA0002", confidence = "0.5", ruleId = "R1"] = word.split("/");
    return { technique, tactic, confidence: Number(confidence), ruleId };
  });
}

function measured(...items: readonly CorpusItem[]): Report {
  const measurement = new Measurement(labelsOf);
  for (const item of items) measurement.add(item);
  return measurement.report();
}

let next = 0;

function line(text: string, must: readonly string[], may: readonly string[] = []): CorpusItem {
  return { type: "honeypot", id: `l${next++}`, text, must: new Set(must), may: new Set(may) };
}

Deno.test("what may be found is neither rewarded nor punished", () => {
  const { honeypot } = measured(line("T1 T2 T3", ["T1", "T4"], ["T2"]));
  assert.deepEqual(
    [honeypot?.right, honeypot?.wrong, honeypot?.missed],
    [1, 1, 1],
  );
  assert.equal(honeypot?.precision, 0.5);
  assert.equal(honeypot?.f1, 0.5);
});

Deno.test("macro F1 is the mean over the techniques that are expected somewhere", () => {
  const { honeypot } = measured(line("T1 T9", ["T1"]), line("", ["T2"]), line("T1", ["T1"]));
  assert.equal(honeypot?.macro_f1, 0.5);
});

Deno.test("a line with nothing expected is clean with what may be found, not with more", () => {
  const { honeypot } = measured(line("T1", [], ["T1"]), line("", []), line("T2", []));
  assert.equal(honeypot?.clean_count, 3);
  assert.equal(honeypot?.clean, 2 / 3);
});

Deno.test("a test is hit by one of its lines, exactly or by the parent technique", () => {
  const test = (technique: string, ...lines: readonly string[]): CorpusItem => ({
    type: "test",
    id: technique,
    technique,
    lines,
  });
  const { tests, misses } = measured(
    test("T1.001", "T9", "T1.001"),
    test("T2.001", "T2.002"),
    test("T3", "T4"),
  );
  assert.deepEqual([tests?.exact, tests?.parent], [1, 2]);
  assert.deepEqual(misses.map(({ technique }) => technique), ["T2.001", "T3"]);
});

Deno.test("ordinary commands are disturbed by sure labels outside Discovery and Reconnaissance", () => {
  const benign = (text: string): CorpusItem => ({ type: "benign", id: text, text });
  const { benign: figures, rules } = measured(
    benign("T1/TA0002/0.6/R7"),
    benign("T1/TA0002/0.59/R8"),
    benign("T1/TA0007/0.9/R9"),
    benign("T1/TA0043/0.9/R9"),
  );
  assert.deepEqual([figures?.noisy, figures?.noise], [1, 0.25]);
  assert.deepEqual(rules, [{ ruleId: "R7", right: 0, wrong: 0, noise: 1 }]);
});

Deno.test("what has nothing to be measured on is left out", () => {
  const report = measured(line("", []));
  assert.equal(report.tests, undefined);
  assert.equal(figure(report, "noise"), undefined);
  assert.equal(figure(report, "f1"), 1);
});

Deno.test("a comparison names what is new and what is mended", () => {
  const item = (text: string): CorpusItem => ({
    type: "honeypot",
    id: "same",
    text,
    must: new Set(["T1", "T2"]),
    may: new Set(),
  });
  const comparison = compareReports(measured(item("T1 T8")), measured(item("T2 T9")));
  assert.deepEqual(comparison.newMisses.map(({ technique }) => technique), ["T1"]);
  assert.deepEqual(comparison.mendedMisses.map(({ technique }) => technique), ["T2"]);
  assert.deepEqual(comparison.newFalseAlarms.map(({ technique }) => technique), ["T9"]);
  assert.deepEqual(comparison.mendedFalseAlarms.map(({ technique }) => technique), ["T8"]);
  assert.deepEqual(comparison.figures.find(({ name }) => name === "f1"), {
    name: "f1",
    before: 0.5,
    after: 0.5,
  });
});
