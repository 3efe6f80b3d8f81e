import assert from "assert";
import fc from "fast-check";
import { readToml } from "../../../lib/cli/settings/toml.ts";

const values = (text: string): Record<string, unknown> => {
  const { entries, problems } = readToml(text, "t.toml");
  assert.deepEqual(problems, []);
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
};

Deno.test("texts, numbers, switches, lists, tables, comments and CRLF are read", () => {
  const text = String.raw`# settings
top = "a \"b\" \\ \t \u00e9 # no comment" # a comment
'quoted' = 'C:\raw'
[ nats ]
url = [ "nats://a", 'nats://b', ]
tls_first = true
deep.er = -1_000.5
`;
  assert.deepEqual(values(text.replaceAll("\n", "\r\n")), {
    top: 'a "b" \\ \t é # no comment',
    quoted: "C:\\raw",
    nats_url: ["nats://a", "nats://b"],
    nats_tls_first: true,
    nats_deep_er: -1000.5,
  });
});

const UNREADABLE = [
  ["just words", 1, /neither a table nor a setting/],
  ["a = \n", 5, /the value of a cannot be read/],
  ["a = yes", 5, /the value of a/],
  ['a = "open', 5, /the value of a/],
  ['a = "x" y', 5, /the value of a/],
  [String.raw`a = "\q"`, 5, /the value of a/],
  [String.raw`a = "\ud800"`, 5, /the value of a/],
  ['a = """x"""', 5, /the value of a/],
  ["a = [1]", 5, /the value of a/],
  ["a = 2020-01-01", 5, /the value of a/],
  ["a = { b = 1 }", 5, /the value of a/],
  ["[[a]]", 1, /neither/],
] as const;

for (const [text, column, message] of UNREADABLE) {
  Deno.test(`${JSON.stringify(text)} is a problem with its place`, () => {
    const { entries, problems } = readToml(`# first\n${text}`, "t.toml");
    assert.equal(entries.length, 0);
    assert.deepEqual(
      problems.map((problem) => [problem.file, problem.line, problem.column]),
      [["t.toml", 2, column]],
    );
    assert.match(problems[0]!.message, message);
  });
}

Deno.test("a key that stands twice is shown where it stands again", () => {
  const { problems } = readToml("a = 1\n\n[a]\nb = 1\n[x]\n\n[a]\n b = 2", "t.toml");
  assert.deepEqual(problems.map(({ line, column }) => [line, column]), [[8, 2]]);
  assert.match(problems[0]!.message, /a_b stands in line 4 too/);
});

Deno.test("any text is read in the same way as JSON strings are written", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assert.deepEqual(values(`key = ${JSON.stringify(text)}`), { key: text });
  }));
});

Deno.test("no input makes the reader throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
    readToml(text, "t.toml");
  }));
});
