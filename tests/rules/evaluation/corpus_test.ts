import assert from "assert";
import { CorpusError, corpusFormat, readCorpusLine } from "../../../lib/rules/evaluation/corpus.ts";

Deno.test("the first line tells labelled JSON from plain commands", () => {
  assert.equal(corpusFormat('{"input":"id","must":[]}'), "json");
  assert.equal(corpusFormat('{"technique":"T1","lines":[]}'), "json");
  assert.equal(corpusFormat("{ id; } | sh"), "text");
  assert.equal(corpusFormat('{"a":1}'), "text");
});

Deno.test("lines of all three kinds are read", () => {
  assert.deepEqual(
    readCorpusLine('{"id":"c1","input":"id","must":["T1"],"may":["T2"]}', "json", "f:1"),
    {
      type: "honeypot",
      id: "c1",
      text: "id",
      must: new Set(["T1"]),
      may: new Set(["T2"]),
    },
  );
  assert.deepEqual(readCorpusLine('{"technique":"T1","lines":["a","b"]}', "json", "f:2"), {
    type: "test",
    id: "f:2",
    technique: "T1",
    lines: ["a", "b"],
  });
  assert.deepEqual(readCorpusLine("ls", "text", "f:3"), { type: "benign", id: "f:3", text: "ls" });
  assert.equal(readCorpusLine("  ", "json", "f:4"), undefined);
});

for (
  const bad of [
    "nonsense",
    "[]",
    '{"input":"id"}',
    '{"input":"id","must":"T1"}',
    '{"technique":"T1"}',
  ]
) {
  Deno.test(`a labelled corpus refuses ${bad}, with its place`, () => {
    assert.throws(
      () => readCorpusLine(bad, "json", "f:7"),
      (error) => error instanceof CorpusError && error.message.startsWith("f:7: "),
    );
  });
}
