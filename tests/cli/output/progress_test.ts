import assert from "assert";
import { Progress, timeText } from "../../../lib/cli/output/progress.ts";
import { Terminal } from "../../../lib/cli/output/terminal.ts";

function recorded(stderrColumns?: number): { terminal: Terminal; text: () => string } {
  let text = "";
  const stderr = {
    writeSync: (bytes: Uint8Array): number => {
      text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  const terminal = new Terminal({
    stdout: { writeSync: (bytes) => bytes.length },
    stderr,
    ...(stderrColumns !== undefined && { stderrColumns }),
  });
  return { terminal, text: () => text };
}

Deno.test("a bar shows share, rate and time left, and goes away", () => {
  const { terminal, text } = recorded(100);
  let now = 0;
  {
    using progress = new Progress(terminal, 100 * 1024 * 1024, () => now);
    now = 10_000;
    progress.show(25 * 1024 * 1024, "cowrie.json");
    progress.show(26 * 1024 * 1024, "too soon to be shown");
    terminal.err("a diagnostic");
  }
  const bar = "█████░░░░░░░░░░░░░░░  25 %  2.5 MiB/s, 30 s left  cowrie.json";
  assert.equal(text(), `${bar}\r\x1b[2Ka diagnostic\n`);
});

Deno.test("a bar fits the terminal, and is nothing where there is none", () => {
  const narrow = recorded(30);
  new Progress(narrow.terminal, 0, () => 1).show(0, "x".repeat(50));
  assert.ok([...narrow.text()].length < 30);
  const none = recorded();
  new Progress(none.terminal, 10, () => 1).show(5, "file");
  assert.equal(none.text(), "");
});

const TIMES = [[0, "0 s"], [59.4, "59 s"], [61, "1 min 01 s"], [3900, "1 h 05 min"]] as const;

for (const [seconds, text] of TIMES) {
  Deno.test(`${seconds} seconds are "${text}"`, () => assert.equal(timeText(seconds), text));
}
