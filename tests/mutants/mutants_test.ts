import assert from "assert";
import { mutate, readMutants } from "./mutant.ts";

const ROOT = new URL("../../", import.meta.url);

/** So many defects there are at least. */
const AT_LEAST = 790;

Deno.test("every defect of the lists can be put into the source as it is", () => {
  const mutants = readMutants();
  for (const mutant of mutants) {
    const source = Deno.readTextFileSync(new URL(mutant.file, ROOT));
    assert.notEqual(mutate(source, mutant), source);
    assert.ok(mutant.file.startsWith(`lib/${mutant.room}/`), `${mutant.file} in ${mutant.room}`);
    assert.notEqual(mutant.tests.length, 0, `no test for ${mutant.file}`);
    for (const test of mutant.tests) Deno.statSync(new URL(test, ROOT));
  }
  assert.ok(mutants.length >= AT_LEAST, `${mutants.length} defects`);
});
