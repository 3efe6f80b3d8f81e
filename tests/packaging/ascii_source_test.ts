import assert from "assert";
import { inAscii } from "../../.tasks/bundle.ts";

const SOURCES = [
  "'\u00ae \u2013 \u{1f600}'",
  "`caf\u00e9 ${'\u00b5'.length} \u{1f600}`",
  "/[\u00b7\u2013]/.exec('a\u2013b')[0]",
  "/^\u{1f600}$/u.test('\u{1f600}') /* \u00a9 */",
  "(() => { const gr\u00f6\u00dfe = 1; return gr\u00f6\u00dfe; })()",
];

for (const source of SOURCES) {
  Deno.test(`${JSON.stringify(source)} means the same in ASCII`, async () => {
    const ascii = inAscii(source);
    assert.match(ascii, /^[\0-\x7f]*$/);
    assert.deepEqual(await valueOf(ascii), await valueOf(source));
  });
}

/** The value of an expression, by a module of its own. */
async function valueOf(expression: string): Promise<unknown> {
  const module = `export default ${expression};`;
  return (await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(module)}`)).default;
}
