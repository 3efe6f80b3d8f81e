import assert from "assert";
import fc from "fast-check";
import { pathGlobs, wholeTextGlobs } from "../../lib/tagging/globs.ts";

const PATHS: readonly [glob: string, text: string, fits: boolean][] = [
  [".env", "/.env", true],
  [".env", ".env", true],
  [".env", "/app/.ENV?x=1", true],
  [".env", "/?file=.env", true],
  [".env", "/.environment", false],
  [".env", "/my.env", false],
  [".ssh/id_*", "/root/.ssh/id_rsa.pub", true],
  [".ssh/id_*", "/root/.ssh/id_a/b", true],
  [".ssh/id_*", "/root/.ssh/other", false],
  ["/var/run/token", "/../../var/run/token", true],
  ["*-confg", "router-confg", true],
  ["*-confg", "router-confg.bak", false],
  ["a.b", "/aXb", false],
  ["a[1](x)", "/a[1](x)", true],
];

for (const [glob, text, fits] of PATHS) {
  Deno.test(`path glob ${glob} ${fits ? "fits" : "does not fit"} ${text}`, () => {
    assert.equal(pathGlobs([glob])(text), fits ? glob : undefined);
  });
}

const WHOLE: readonly [glob: string, text: string, fits: boolean][] = [
  ["privileged", "Privileged", true],
  ["privileged", "privileged:true", false],
  ["bind:/etc:*", "bind:/etc:/host/etc", true],
  ["bind:/etc:*", "xbind:/etc:/x", false],
  ["a*c", "a\nc", true],
];

for (const [glob, text, fits] of WHOLE) {
  Deno.test(`glob ${glob} ${fits ? "fits" : "does not fit"} ${JSON.stringify(text)}`, () => {
    assert.equal(wholeTextGlobs([glob])(text), fits ? glob : undefined);
  });
}

Deno.test("the first glob of the list that fits is named", () => {
  assert.equal(wholeTextGlobs(["x", "a*", "ab"])("ab"), "a*");
});

Deno.test("any text without a star is a glob of itself alone", () => {
  fc.assert(fc.property(fc.string({ minLength: 1 }), (text) => {
    const glob = text.replaceAll("*", "");
    assert.equal(wholeTextGlobs([glob])(glob), glob);
    assert.equal(wholeTextGlobs([glob])(`${glob}!`), undefined);
  }));
});
