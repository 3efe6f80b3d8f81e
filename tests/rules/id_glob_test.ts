import assert from "assert";
import { idGlob } from "../../lib/rules/id_glob.ts";

const FITS: readonly [glob: string, id: string, fits: boolean][] = [
  ["R0012", "R0012", true],
  ["R0012", "R00123", false],
  ["R01*", "R0123", true],
  ["R01*", "R0023", false],
  ["*", "anything", true],
  ["R00?2", "R0012", true],
  ["R00[12]2", "R0032", false],
  ["R.*", "R0012", false],
  [`${"*a".repeat(100)}b`, "a".repeat(64), false],
];

for (const [glob, id, fits] of FITS) {
  Deno.test(`${glob.slice(0, 20)} ${fits ? "stands" : "does not stand"} for ${id.slice(0, 20)}`, () => {
    assert.equal(idGlob(glob)?.(id), fits);
  });
}

Deno.test("a range of letters that runs backwards is no glob", () => {
  assert.equal(idGlob("[b-a]"), undefined);
});
