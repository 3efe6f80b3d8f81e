import assert from "assert";
import {
  CorpusError,
  corpusFormat,
  readCorpusLine,
  splitOfItem,
} from "../../../lib/rules/evaluation/corpus.ts";

Deno.test("the first line tells labelled JSON from plain commands", () => {
  assert.equal(corpusFormat('{"input":"id","must":[]}'), "json");
  assert.equal(corpusFormat('{"technique":"T1","lines":[]}'), "json");
  assert.equal(corpusFormat('{"id":"g1","function":"shell","line":"env sh"}'), "json");
  assert.equal(corpusFormat('{"label":"ordinary","requests":[]}'), "json");
  assert.equal(corpusFormat('{"count":3,"input":"id"}'), "json");
  assert.equal(corpusFormat("{ id; } | sh"), "text");
  assert.equal(corpusFormat('{"a":1}'), "text");
});

Deno.test("lines of all kinds are read", () => {
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
  assert.deepEqual(
    readCorpusLine('{"id":"g","function":"shell","program":"env","line":"env sh"}', "json", "f:5"),
    { type: "abuse", id: "g", purpose: "shell", text: "env sh" },
  );
  assert.deepEqual(
    readCorpusLine('{"id":"w","label":"attack","requests":[{"raw_url":"/"}]}', "json", "f:6"),
    { type: "requests", id: "w", label: "attack", requests: [{ raw_url: "/" }] },
  );
  assert.deepEqual(
    readCorpusLine('{"count":3,"input":"id"}', "json", "f:7"),
    { type: "traffic", id: "f:7", text: "id", count: 3 },
  );
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
    '{"line":"env sh"}',
    '{"label":"worse","requests":[]}',
    '{"label":"attack","requests":["/"]}',
    '{"input":"id","count":0}',
  ]
) {
  Deno.test(`a labelled corpus refuses ${bad}, with its place`, () => {
    assert.throws(
      () => readCorpusLine(bad, "json", "f:7"),
      (error) => error instanceof CorpusError && error.message.startsWith("f:7: "),
    );
  });
}

Deno.test("an entry's part depends on its text alone, and a fifth of many is kept for the end", () => {
  const item = (id: string, text: string) => ({ type: "benign", id, text }) as const;
  assert.equal(splitOfItem(item("a:1", "uname -a")), splitOfItem(item("b:9", "uname -a")));
  const texts = Array.from({ length: 2_000 }, (_, index) => `wget http://192.0.2.1/${index}`);
  const kept = texts.filter((text) => splitOfItem(item("x", text)) === "test").length;
  assert.ok(kept > 300 && kept < 500, String(kept));
});

Deno.test("all lines of a test and all requests of an attack are in one part", () => {
  const test = splitOfItem({ type: "test", id: "x", technique: "T1", lines: ["a", "b"] });
  assert.equal(test, splitOfItem({ type: "benign", id: "x", text: "a\nb" }));
  const requests = [{ raw_url: "/a" }, { raw_url: "/b" }];
  const attack = splitOfItem({ type: "requests", id: "x", label: "attack", requests });
  assert.equal(attack, splitOfItem({ type: "benign", id: "x", text: JSON.stringify(requests) }));
});
