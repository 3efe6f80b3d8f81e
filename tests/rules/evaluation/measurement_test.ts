import assert from "assert";
import { compareReports, figure, isNoise } from "../../../lib/rules/evaluation/comparison.ts";
import type { CorpusItem } from "../../../lib/rules/evaluation/corpus.ts";
import type { Label } from "../../../lib/rules/evaluation/label.ts";
import { Measurement } from "../../../lib/rules/evaluation/measurement.ts";
import type { Report } from "../../../lib/rules/evaluation/report.ts";

/** A text says itself what it is labelled with: `T1105/TA0011/0.9/R1 …`. */
function labelsOf(text: string): readonly Label[] {
  return text.split(" ").filter((word) => word !== "").map((word) => {
    const [technique = "", tactic = "TA0002", confidence = "0.7", ruleId = "R1"] = word.split("/");
    return { technique, tactic, confidence: Number(confidence), ruleId };
  });
}

function measurement(): Measurement {
  return new Measurement({
    commands: (lines) => lines.flatMap(labelsOf),
    requests: (requests) => requests.flatMap(({ raw_url: url }) => labelsOf(String(url))),
  });
}

function measured(...items: readonly CorpusItem[]): Report {
  const result = measurement();
  for (const item of items) result.add(item, "some");
  return result.report();
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

Deno.test("macro F1 is the mean over the techniques that three lines are expected to show", () => {
  const often = [1, 2, 3].flatMap(() => [line("T1 T9", ["T1"]), line("", ["T2"])]);
  const { honeypot } = measured(...often, line("", ["T3"]));
  assert.deepEqual([honeypot?.macro_f1, honeypot?.macro_count], [0.5, 2]);
});

Deno.test("labels below the floor do not count, and are calibrated all the same", () => {
  const { honeypot, calibration } = measured(line("T1/TA0002/0.59/R1", ["T1"]));
  assert.equal(honeypot?.missed, 1);
  assert.deepEqual(calibration?.buckets.map(({ matches }) => matches), [1, 0, 0, 0]);
});

Deno.test("calibration tells by confidence how many matches were expected, defensible and wrong", () => {
  const { calibration } = measured(
    line("T1/TA0002/0.7/R1 T1/TA0002/0.95/R2", ["T1"]),
    line("T1/TA0002/0.7/R1", [], ["T1"]),
    line("T1/TA0002/0.7/R1", []),
    line("T1/TA0002/1/R3", ["T1"]),
  );
  const rows = calibration?.buckets.map((
    { right, defensible, wrong, share },
  ) => [right, defensible, wrong, share]);
  // The surest label of a line counts, whichever rule gave it.
  assert.deepEqual(rows, [[0, 0, 0, 1], [0, 1, 1, 0], [0, 0, 0, 1], [2, 0, 0, 1]]);
  const [first] = calibration?.emissions ?? [];
  assert.deepEqual([first?.ruleId, first?.matches, first?.share], ["R1", 3, 1 / 3]);
});

Deno.test("lines that call the same programs in the same order are one family", () => {
  const { honeypot } = measured(
    line("cd /tmp; ./T1", ["T1"]),
    line("cd /var; ./x y", []),
    line("rm a", []),
  );
  assert.deepEqual(honeypot?.family_count, 2);
  assert.deepEqual(
    honeypot?.families.map(({ family, lines, missed }) => [family, lines, missed]),
    [["cd ./", 2, 1]],
  );
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

Deno.test("tests are told apart by the file that they come from", () => {
  const result = measurement();
  const test: CorpusItem = { type: "test", id: "a", technique: "T1", lines: ["T1"] };
  result.add(test, "one");
  result.add({ ...test, lines: [] }, "two");
  const { tests } = result.report();
  assert.deepEqual(
    tests?.collections.map(({ name, exact_recall: recall }) => [name, recall]),
    [["one", 1], ["two", 0]],
  );
  assert.equal(tests?.exact_recall, 0.5);
});

const ABUSES:
  readonly (readonly [purpose: string, found: string, figure: string, right: number])[] = [
    ["shell", "T1059.004", "execution", 1],
    ["bind-shell", "T1095", "execution", 1],
    ["command", "T1105", "execution", 0],
    ["upload", "T1048.003", "upload", 1],
    ["download", "T1048", "download", 0],
    ["download", "T1105", "download", 1],
    ["file-read", "T1552.001", "file_read", 1],
    ["privilege-escalation", "T1548.001", "privilege_escalation", 1],
  ];

for (const [purpose, found, group, right] of ABUSES) {
  Deno.test(`${found} is ${right === 1 ? "" : "no "}answer to a program abused for ${purpose}`, () => {
    const { abuse } = measured({ type: "abuse", id: "g", purpose, text: found });
    assert.deepEqual(abuse?.groups, { [group]: { count: 1, right, share: right } });
  });
}

Deno.test("a purpose without a known answer is neither right nor missed", () => {
  const { abuse, misses } = measured({ type: "abuse", id: "g", purpose: "file-write", text: "T1" });
  assert.deepEqual([abuse?.groups, abuse?.uncounted, misses], [{}, 1, []]);
});

Deno.test("attacks need any label, exploits a sensible one, ordinary requests none", () => {
  const requests = (label: "attack" | "exploit" | "ordinary", text: string): CorpusItem => ({
    type: "requests",
    id: label,
    label,
    requests: [{ raw_url: text }],
  });
  const report = measured(
    requests("attack", "T1083"),
    requests("attack", ""),
    requests("exploit", "T1083"),
    requests("exploit", "T1505.003"),
    requests("ordinary", "T1190"),
    requests("ordinary", "T1190/TA0001/0.5"),
  );
  assert.deepEqual(
    [figure(report, "attack"), figure(report, "exploit"), figure(report, "request_noise")],
    [0.5, 0.5, 0.5],
  );
  assert.deepEqual(report.misses.map(({ technique }) => technique), ["attack", "exploit"]);
});

Deno.test("unlabelled traffic tells how much of it is labelled, by line and as typed", () => {
  const { traffic } = measured(
    { type: "traffic", id: "a", text: "T1", count: 9 },
    { type: "traffic", id: "b", text: "", count: 1 },
  );
  assert.deepEqual(traffic, {
    distinct: 2,
    distinct_labelled: 1,
    typed: 10,
    typed_labelled: 9,
  });
});

Deno.test("what anybody's day is full of is counted apart from noise", () => {
  const { benign } = measured({ type: "benign", id: "a", text: "T1070.004 T1222.002" });
  assert.deepEqual([benign?.noise, benign?.everyday_noise], [0, 1]);
});

Deno.test("only noise should be small", () => {
  assert.deepEqual([isNoise("noise"), isNoise("request_noise"), isNoise("f1")], [
    true,
    true,
    false,
  ]);
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
