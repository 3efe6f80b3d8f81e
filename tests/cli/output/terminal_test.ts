import assert from "assert";
import fc from "fast-check";
import { cutToWidth, tableLines, textWidth } from "../../../lib/cli/output/table.ts";
import { Store } from "../../../lib/store/store.ts";
import { OutputClosed, type Sink, Terminal } from "../../../lib/cli/output/terminal.ts";

import { directoryWith, runCaptured } from "../captured_run.ts";

const swallow: Sink = { writeSync: (bytes) => bytes.length };

Deno.test("a table fits the terminal, and ids in it are whole", () => {
  const words = fc.string({ unit: fc.constantFrom("a", "漢", "é", " "), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(fc.tuple(words, words)), fc.integer({ min: 24 }), (rows, width) => {
      const terminal = new Terminal({ stdout: swallow, stderr: swallow, columns: width });
      const columns = [{ title: "id" }, { title: "one", min: 6 }, { title: "two", min: 6 }];
      const lines = tableLines(terminal, columns, rows.map(([a, b]) => ["R0001", a, b]));
      for (const line of lines) {
        assert.ok(textWidth(line) <= width, `${textWidth(line)} > ${width}`);
      }
      assert.ok(lines.slice(1).every((line) => line.startsWith("R0001")));
    }),
  );
});

Deno.test("a terminal that is too narrow for all columns gets the first ones", () => {
  const columns = ["TECHNIQUE", "TAGS", "SEEN"].map((title) => ({ title }));
  for (let columnsOfTerminal = 1; columnsOfTerminal < 30; columnsOfTerminal++) {
    const terminal = new Terminal({ stdout: swallow, stderr: swallow, columns: columnsOfTerminal });
    const lines = tableLines(terminal, columns, [["T1059.004", "12", "2026-11-24"]]);
    for (const line of lines) assert.ok(textWidth(line) <= columnsOfTerminal, line);
    if (columnsOfTerminal > 12) assert.ok(lines[1]!.startsWith("T1059.004  "), lines[1]);
  }
});

Deno.test("wide and combining characters count as a terminal counts them", () => {
  assert.equal(textWidth("漢e\u0301"), 3);
  assert.equal(textWidth("サーバー、ﾊﾝｶｸ。🙂"), 8 + 2 + 4 + 2 + 2);
  assert.equal(cutToWidth("漢字漢字", 5), "漢字…");
});

Deno.test("colours are painted only where they are wanted", () => {
  const plain = new Terminal({ stdout: swallow, stderr: swallow });
  const coloured = new Terminal({ stdout: swallow, stderr: swallow, colour: true });
  assert.equal(plain.paint("red", "x"), "x");
  assert.equal(coloured.paint("red", "x"), "\x1b[31mx\x1b[0m");
  assert.equal(coloured.paintErr("red", "x"), "x");
});

Deno.test("a pipe that takes pieces, or nothing for a moment, gets everything", () => {
  let got = "";
  let calls = 0;
  const slow: Sink = {
    writeSync: (bytes) => {
      if (++calls % 2 === 0) throw new Deno.errors.WouldBlock("full");
      got += new TextDecoder().decode(bytes.subarray(0, 3));
      return Math.min(3, bytes.length);
    },
  };
  const terminal = new Terminal({ stdout: slow, stderr: swallow });
  terminal.out("abcdefgh");
  terminal.flush();
  assert.equal(got, "abcdefgh\n");
});

Deno.test("a closed pipe is told once and for all, and diagnostics go on", () => {
  let errors = 0;
  const closed: Sink = {
    writeSync: () => {
      throw new Deno.errors.BrokenPipe("gone");
    },
  };
  const counting: Sink = {
    writeSync: (bytes) => {
      errors += 1;
      return bytes.length;
    },
  };
  const terminal = new Terminal({ stdout: closed, stderr: counting });
  terminal.out("x");
  assert.throws(() => terminal.flush(), OutputClosed);
  assert.throws(() => terminal.flush(), OutputClosed);
  terminal.err("still here");
  assert.equal(errors, 1);
});

Deno.test("a full disk is said to be full, and what it was about to hold is named", async () => {
  using files = directoryWith({});
  const db = `${files.path}/t.db`;
  Store.open(db).close();
  const { code, err } = await runCaptured(["export", "csv", "--db", db, "-o", "/dev/full"]);
  assert.deepEqual([code, /^error: cannot write \/dev\/full: No space left/.test(err)], [2, true]);
  using full = Deno.openSync("/dev/full", { write: true });
  const terminal = new Terminal({ stdout: full, stderr: swallow });
  terminal.out("all that was seen");
  assert.throws(() => terminal.flush(), { code: 2, message: /^cannot write standard output: / });
  terminal.err("and this can be said then");
});
