import assert from "assert";
import fc from "fast-check";
import {
  idField,
  listField,
  numberField,
  searchedField,
  textField,
  textsField,
} from "../../lib/tagging/payload.ts";

type Reader = (payload: Readonly<Record<string, unknown>>, field: string) => unknown;

const CASES: readonly [read: Reader, value: unknown, expected: unknown][] = [
  [textField, "a", "a"],
  [textField, "", undefined],
  [textField, 7, undefined],
  [textField, ["a"], undefined],
  [idField, "a", "a"],
  [idField, 42, "42"],
  [idField, 4.2, undefined],
  [idField, "x".repeat(1024), "x".repeat(1024)],
  [idField, "x".repeat(1025), undefined],
  [numberField, 0, 0],
  [numberField, "0", 0],
  [numberField, "-1.5e3", -1500],
  [numberField, " 1", undefined],
  [numberField, "0x10", undefined],
  [numberField, "1".repeat(400), undefined],
  [numberField, "", undefined],
  [numberField, Number.NaN, undefined],
  [numberField, Number.POSITIVE_INFINITY, undefined],
  [listField, [1, "a"], [1, "a"]],
  [listField, { length: 2 }, []],
  [textsField, [1, "a", null, "b"], ["a", "b"]],
  [textsField, "ab", []],
  [searchedField, "a", "a"],
  [searchedField, 7, ""],
  [searchedField, "x".repeat(65_537), "x".repeat(65_536)],
];

for (const [read, value, expected] of CASES) {
  const shown = typeof value === "string" && value.length > 20
    ? `a text of ${value.length}`
    : String(JSON.stringify(value));
  Deno.test(`${read.name} reads ${shown}`, () => {
    assert.deepEqual(read({ field: value }, "field"), expected);
  });
}

Deno.test("no reader throws, whatever a payload holds and whatever is asked for", () => {
  const readers = [textField, idField, numberField, listField, textsField, searchedField];
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), fc.string(), (payload, field) => {
      for (const read of readers) read(payload, field);
    }),
  );
});
