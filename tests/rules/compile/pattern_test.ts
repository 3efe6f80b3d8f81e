import assert from "assert";
import {
  checkPattern,
  MAX_PATTERN_CHARACTERS,
  textPattern,
} from "../../../lib/rules/compile/pattern.ts";
import {
  findBacktracking,
  leastLength,
  withoutCaseFlags,
} from "../../../lib/rules/compile/pattern_scan.ts";

for (
  const [pattern, name, offset] of [
    ["a(?=b)", "look-ahead", 1],
    ["a(?!b)", "look-ahead", 1],
    ["ab(?<=b)", "look-behind", 2],
    ["ab(?<!b)", "look-behind", 2],
    ["(?>a)", "atomic group", 0],
    ["(a)\\1", "back-reference", 3],
    ["(?<n>a)\\k<n>", "back-reference", 7],
    ["(?P<n>a)(?P=n)", "back-reference", 8],
  ] as const
) {
  Deno.test(`${pattern} is refused as a ${name} at its place, with a remedy`, () => {
    assert.equal(findBacktracking(pattern)?.name, name);
    const fault = checkPattern(pattern);
    assert.equal(fault?.code, "backtracking");
    assert.equal(fault?.offset, offset);
    assert.match(fault?.message ?? "", new RegExp(name));
    assert.match(fault?.remedy ?? "", /--allow-backtracking/);
  });
}

for (
  const pattern of [
    "[(?=]",
    "\\Q(?=\\E",
    "\\(?=",
    "\\\\1?",
    "[]\\1]",
    "(?<n>a)",
    "(?P<n>a)",
    "(?i:a)",
    "[[:alpha:]]",
    "\\011",
  ]
) {
  Deno.test(`${pattern} needs no backtracking`, () => {
    assert.equal(findBacktracking(pattern), undefined);
  });
}

for (
  const [pattern, message] of [
    ["a(", /missing closing \)/],
    ["[z-a]", /invalid character class range/],
    ["a{2000}", /invalid repeat count/],
    ["a**", /nested repetition/],
    ["\\p{Nothing}", /invalid character class range/],
    ["x".repeat(MAX_PATTERN_CHARACTERS + 1), /at most 8192/],
  ] as const
) {
  Deno.test(`${pattern.slice(0, 20)} is refused: ${message.source}`, () => {
    assert.match(checkPattern(pattern)?.message ?? "", message);
  });
}

Deno.test("case flags are taken off wherever they stand, and nothing else", () => {
  for (
    const [pattern, plain] of [
      ["(?i)abc", "abc"],
      ["(?is)abc", "(?s)abc"],
      ["a(?i:b)c", "a(?:b)c"],
      ["a(?-i:b)c", "a(?:b)c"],
      ["a(?i-s:b)c", "a(?-s:b)c"],
      ["(?m-i)b", "(?m)b"],
      ["[(?i)]\\Q(?i)\\E\\(?i", "[(?i)]\\Q(?i)\\E\\(?i"],
      ["(?<i>a)", "(?<i>a)"],
    ] as const
  ) assert.equal(withoutCaseFlags(pattern), plain);
});

Deno.test("a pattern gives the leftmost match in UTF-16 offsets", () => {
  const pattern = textPattern("(?i)b+");
  assert.deepEqual(pattern.find("\u{1f600}aBbc b"), { start: 3, end: 5 });
  assert.equal(pattern.test("aBc"), true);
  assert.equal(pattern.find("xyz"), undefined);
});

Deno.test("texts that blow up backtracking engines are answered", () => {
  for (
    const [evil, text] of [["(a+)+$", "a"], ["(a|a)*b", "a"], ["(.*a){12}x", "a"], [
      "(?:\\w+\\s?)*$x",
      "w ",
    ]] as const
  ) {
    const pattern = textPattern(evil);
    assert.equal(typeof pattern.test(text.repeat(65_536 / text.length)), "boolean");
  }
});

Deno.test("the length that a pattern asks for is known where a large count says it", () => {
  for (
    const [pattern, least] of [
      ["[0-9a-f]{40,}", 40],
      ["\\b[48][0-9AB]\\w{60,95}x", 60],
      ["(?i)\\d{12}(?:a|b)", 12],
      ["a{40}", 0],
      ["[0-9a-f]{40,}|x", 0],
      ["(?:[0-9a-f]{40,})?", 0],
      ["(?:x|[0-9a-f]{40,})", 0],
      ["\\x{42}", 0],
      ["[{40}]", 0],
      ["\\Q[a]{40}\\E", 0],
    ] as const
  ) assert.equal(leastLength(pattern), least, pattern);
});
