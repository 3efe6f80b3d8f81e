import assert from "assert";
import fc from "fast-check";
import {
  checkedPattern,
  checkedSubject,
  ruleFiredSubject,
  ruleReloadedSubject,
  ruleStateSubject,
  SubjectError,
  subjectMatches,
  SUBSCRIBED_SUBJECTS,
  withoutPrefix,
  withPrefix,
} from "../../lib/bus/subjects.ts";

const BUILDERS = [ruleFiredSubject, ruleReloadedSubject, ruleStateSubject];
const BAD_TOKENS = ["", ".", "a.b", "*", ">", "a>", " ", "a b", "a\tb", "a\n", "\r", "\0", "\x7f"];
const MORE_BAD_TOKENS = ["\u0085", "\u00a0", "\u2028", "\ufeff", "\ud800"];

const token = fc.stringMatching(/^[A-Za-z0-9_$-]{1,4}$/);
const subject = fc.array(token, { minLength: 1, maxLength: 6 }).map((tokens) => tokens.join("."));

Deno.test("subject builders put one token at the end", () => {
  assert.equal(ruleFiredSubject("T1059"), "ttp.rule.fired.T1059");
  assert.equal(ruleReloadedSubject("R0015"), "ttp.rule.reloaded.R0015");
  assert.equal(ruleStateSubject("R0015"), "ttp.rule.state.R0015");
});

Deno.test("subject builders reject what is not one token", () => {
  for (const build of BUILDERS) {
    for (const bad of [...BAD_TOKENS, ...MORE_BAD_TOKENS]) {
      assert.throws(() => build(bad), SubjectError, JSON.stringify(bad));
    }
  }
});

Deno.test("whatever a subject builder accepts is one token that arrives unchanged", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    let built: string;
    try {
      built = ruleFiredSubject(text);
    } catch (error) {
      assert.ok(error instanceof SubjectError);
      return;
    }
    assert.equal(checkedSubject(built).split(".").length, 4);
    const bytes = new TextEncoder().encode(built);
    assert.equal(new TextDecoder().decode(bytes), built);
  }));
});

Deno.test("every subscribed subject can be subscribed to", () => {
  for (const { subject } of SUBSCRIBED_SUBJECTS) assert.equal(checkedPattern(subject), subject);
});

for (const pattern of ["", "a..b", "a.>.b", ">.a", "a.b*", "a.>b", "a b", "a.\n"]) {
  Deno.test(`nobody subscribes to ${JSON.stringify(pattern)}`, () => {
    assert.throws(() => checkedPattern(pattern), SubjectError);
  });
}

Deno.test("what may be lost is no more than what the specification allows", () => {
  const needed = SUBSCRIBED_SUBJECTS.filter(({ delivery }) => delivery === "at_least_once");
  assert.deepEqual(needed.map(({ subject }) => subject), [
    "attacker.session.ended",
    "email.received",
    "canary.>",
  ]);
});

for (
  const [pattern, subject, expected] of [
    ["a", "a", true],
    ["a", "b", false],
    ["a.*", "a.b", true],
    ["a.*", "a", false],
    ["a.*", "a.b.c", false],
    ["*.b", "a.b", true],
    ["*", "a", true],
    ["*", "a.b", false],
    [">", "a", true],
    [">", "a.b.c", true],
    ["a.>", "a", false],
    ["a.>", "a.b", true],
    ["a.>", "a.b.c", true],
    ["a.*.>", "a.b", false],
    ["canary.>", "canary.tok.triggered", true],
    ["canary.>", "canaries.tok", false],
    ["a.b", "a.b.c", false],
    ["a.b.c", "a.b", false],
  ] as const
) {
  Deno.test(`the pattern ${pattern} ${expected ? "covers" : "does not cover"} ${subject}`, () => {
    assert.equal(subjectMatches(pattern, subject), expected);
  });
}

Deno.test("a subject is covered by itself and by what wildcards make of it", () => {
  fc.assert(fc.property(subject, fc.nat(), fc.nat(), (text, at, cut) => {
    const tokens = text.split(".");
    assert.ok(subjectMatches(text, text));
    assert.ok(subjectMatches(tokens.with(at % tokens.length, "*").join("."), text));
    assert.ok(subjectMatches([...tokens.slice(0, cut % tokens.length), ">"].join("."), text));
    assert.ok(!subjectMatches(`${text}.>`, text));
    assert.ok(!subjectMatches(`${text}.*`, text));
  }));
});

Deno.test("a pattern covers exactly what the same words as a regular expression cover", () => {
  const word = fc.constantFrom("a", "b", "*");
  const patterns = fc.tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([words, rest]) => (rest ? [...words, ">"] : words).join("."));
  const subjects = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 5 })
    .map((words) => words.join("."));
  fc.assert(fc.property(patterns, subjects, (pattern, text) => {
    const source = pattern.split(".")
      .map((part) => part === "*" ? "[^.]+" : part === ">" ? ".+" : part).join("\\.");
    assert.equal(subjectMatches(pattern, text), new RegExp(`^${source}$`).test(text));
  }));
});

Deno.test("a prefix goes on and comes off again", () => {
  fc.assert(fc.property(subject, subject, (prefix, text) => {
    assert.equal(withoutPrefix(prefix, withPrefix(prefix, text)), text);
  }));
  assert.equal(withPrefix("", "a.b"), "a.b");
  assert.equal(withoutPrefix("", "a.b"), "a.b");
  assert.equal(withoutPrefix("site", "sites.a"), "sites.a");
});
