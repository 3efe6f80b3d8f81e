import assert from "assert";
import { ENDS_CHARACTERS, spanOfEnds, textEnds } from "../../../lib/rules/compile/text_ends.ts";

Deno.test("a text that is no longer than its ends stays as it is", () => {
  for (const length of [0, 1, ENDS_CHARACTERS]) {
    const text = "a".repeat(length);
    assert.equal(textEnds(text), text);
  }
});

Deno.test("the ends of a long text are its beginning and its end, on lines of their own", () => {
  const text = `first${"-".repeat(3 * ENDS_CHARACTERS)}last`;
  const ends = textEnds(text);
  assert.equal(ends.length, ENDS_CHARACTERS);
  assert.match(ends, /^first-+\n-+last$/);
});

Deno.test("what is found in the ends of a text is told by its place in the text", () => {
  const text = `first${"-".repeat(3 * ENDS_CHARACTERS)}last`;
  const ends = textEnds(text);
  for (const word of ["first", "last"]) {
    const at = ends.indexOf(word);
    const { start, end } = spanOfEnds({ start: at, end: at + word.length }, text);
    assert.equal(text.slice(start, end), word);
  }
});
