import assert from "assert";
import fc from "fast-check";
import { logText, logValue, MAX_LOG_TEXT } from "../../lib/text/log.ts";
import { hostileText } from "./hostile_characters.ts";

Deno.test("a text of a log line stands between quotes that it does not have", () => {
  assert.equal(logText("a b"), '"a b"');
  assert.equal(logText('say "x"'), `'say "x"'`);
  assert.equal(logText(`"it's"`), '`"it\'s"`');
  assert.equal(logText("\"'`"), '"\\"\'`"');
  fc.assert(fc.property(hostileText, (text) => {
    const made = logText(text);
    assert.equal(made[0], made.at(-1));
    assert.doesNotMatch(made.slice(1, -1).replaceAll('\\"', ""), new RegExp(made[0]!));
  }));
});

Deno.test("a value of a log line is no longer than its bound, whatever it is", () => {
  const long = "x".repeat(900_000);
  const values: readonly unknown[] = [
    long,
    new Error(long),
    [long, long],
    { [long]: long },
    Array.from({ length: 100_000 }, () => long),
    "\x1b".repeat(900_000),
    Symbol(long),
    { a: { b: { c: { d: long } } } },
  ];
  for (const value of values) assert.ok(logText(value).length <= MAX_LOG_TEXT + 2);
  assert.ok(JSON.stringify(logValue(values[4])).length < 32 * (MAX_LOG_TEXT + 4));
  assert.equal(logText(`${"x".repeat(MAX_LOG_TEXT)}y`), `"${"x".repeat(MAX_LOG_TEXT - 1)}…"`);
  assert.equal(logText("x".repeat(MAX_LOG_TEXT)), `"${"x".repeat(MAX_LOG_TEXT)}"`);
  assert.equal(logValue(`${"x".repeat(MAX_LOG_TEXT - 2)}🙂y`), `${"x".repeat(MAX_LOG_TEXT - 2)}…`);
});

Deno.test("what is no text is shown as JSON, and errors by their message", () => {
  assert.equal(logText(3), "3");
  assert.equal(logText(true), "true");
  assert.equal(logText(undefined), "undefined");
  assert.equal(logText(null), "null");
  assert.equal(logText(12n), '"12"');
  assert.equal(logText({ a: [1, "b"] }), '{"a":[1,"b"]}');
  assert.equal(logText(new Error("no\nroom")), '"no\\nroom"');
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  assert.equal(logText(cyclic), '{"self":{"self":{"self":"[object Object]"}}}');
});
