import assert from "assert";
import { RecentTexts } from "../../../lib/rules/run/recent_texts.ts";

const texts = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, number) => `${prefix} ${number} /tmp/x`);

Deno.test("a text is known from the second time on", () => {
  const recent = new RecentTexts();
  for (const text of ["", "a", "cd /tmp", "x".repeat(4_096)]) {
    assert.equal(recent.has(text), false, text);
    assert.equal(recent.has(text), true, text);
    assert.equal(recent.has(text), true, text);
  }
});

Deno.test("as many texts as are remembered are nearly all known again", () => {
  const recent = new RecentTexts();
  const all = texts(2_048, "wget");
  const new_ = all.filter((text) => !recent.has(text)).length;
  assert.ok(new_ > 2_000, `${new_} of 2,048 were new`);
  const known = all.filter((text) => recent.has(text)).length;
  assert.ok(known > 2_000, `${known} of 2,048 are known`);
});

Deno.test("what has not come for long is forgotten", () => {
  const recent = new RecentTexts();
  const first = texts(1_000, "a");
  for (const text of [...first, ...texts(200_000, "b")]) recent.has(text);
  const known = first.filter((text) => recent.has(text)).length;
  assert.ok(known < 100, `${known} of 1,000 are still known`);
});
