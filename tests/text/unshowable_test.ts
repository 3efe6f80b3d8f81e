import assert from "assert";
import fc from "fast-check";
import { csvLine } from "../../lib/text/csv.ts";
import { htmlText, pageText } from "../../lib/text/html.ts";
import { logText } from "../../lib/text/log.ts";
import { cellCode, code, escaped } from "../../lib/text/markdown.ts";
import { jsonLine, printable } from "../../lib/text/terminal.ts";
import { showable } from "../../lib/text/unshowable.ts";
import { HIDDEN_REGEXP, hostileText, UNSHOWABLE } from "./hostile_characters.ts";

/** Every way into a medium that is not read by a program alone. */
const MEDIA: Readonly<Record<string, (text: string) => string>> = {
  terminal: printable,
  json: jsonLine,
  page: (text) => pageText(text).replaceAll(/[\n\t]/g, ""),
  html: (text) => htmlText(text).replaceAll(/[\n\t]/g, ""),
  markdown: escaped,
  "markdown code": code,
  "markdown cell": cellCode,
  csv: (text) => csvLine([text, text]),
  log: logText,
};

for (const [medium, escape] of Object.entries(MEDIA)) {
  Deno.test(`no character that hides, moves or reorders text reaches the medium ${medium}`, () => {
    for (const character of UNSHOWABLE.keys()) {
      assert.doesNotMatch(escape(`a${character}b`), HIDDEN_REGEXP, JSON.stringify(character));
    }
    fc.assert(fc.property(hostileText, (text) => {
      assert.doesNotMatch(escape(text), HIDDEN_REGEXP);
    }));
  });
}

Deno.test("people get an escape in the place of each character that must not be shown", () => {
  for (const [character, escape] of UNSHOWABLE) {
    assert.equal(printable(`a${character}b`), `a${escape}b`);
    assert.equal(showable(`${character}a`, Infinity, character), `${character}a`, "if not kept");
  }
});

Deno.test("a page shows line breaks and tabs as they are, and no markup", () => {
  assert.equal(
    htmlText(`a\n\tb\r<i class="x">'&`),
    "a\n\tb\\r&lt;i class=&quot;x&quot;&gt;&#39;&amp;",
  );
  fc.assert(fc.property(hostileText, (text) => {
    assert.doesNotMatch(htmlText(text), /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
  }));
});

Deno.test("readers of JSON get exactly the text that was given", () => {
  fc.assert(fc.property(hostileText, (text) => {
    assert.deepEqual(JSON.parse(jsonLine({ text })), { text });
  }));
  assert.equal(jsonLine(undefined), "null");
});

Deno.test("a text that is cut keeps to its length, ends in an ellipsis, and leaves no part of an escape", () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 70 }), (text, max) => {
      // Backslashes of the text itself look like the beginning of an escape.
      const plain = text.replaceAll("\\", "/");
      const whole = printable(plain);
      const cut = printable(plain, max);
      assert.ok(cut.length <= max);
      if (whole.length <= max) return assert.equal(cut, whole);
      assert.ok(cut.endsWith("…"));
      assert.ok(whole.startsWith(cut.slice(0, -1)));
      assert.ok(cut.length > max - 10, "no more is cut than an escape");
      const rest = cut.slice(0, -1).replaceAll(
        /\\(?:[tnr]|x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{5,6}\})/g,
        "",
      );
      assert.doesNotMatch(rest, /\\|[\ud800-\udbff]$/);
    }),
    { numRuns: 1000 },
  );
  assert.equal(printable("x".repeat(10), 10), "x".repeat(10));
  assert.equal(printable("x".repeat(11), 10), `${"x".repeat(9)}…`);
});

Deno.test("what is harmless stays as it is in a terminal, backslashes too", () => {
  assert.equal(printable("echo 'ü ☃ 漢 🙂' \\ | sh"), "echo 'ü ☃ 漢 🙂' \\ | sh");
});
