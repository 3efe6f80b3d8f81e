import assert from "assert";
import { Terminal } from "../../lib/cli/output/terminal.ts";
import { upgradeProgress } from "../../lib/cli/upgrade_progress.ts";
import { Store } from "../../lib/store/store.ts";
import { OlderFile } from "../store/older_file.ts";
import { NOW, Scratch, tag } from "../store/scratch.ts";
import { runCaptured } from "./captured_run.ts";

/** Opens a database of version 4 as a command does, and gives what the terminal showed. */
function upgradeOn(stderrColumns?: number): string {
  using scratch = new Scratch();
  {
    using old = new OlderFile(scratch.file, 4);
    old.insert(tag(), NOW);
  }
  let shown = "";
  const terminal = new Terminal({
    stdout: { writeSync: (bytes) => bytes.length },
    stderr: {
      writeSync: (bytes) => {
        shown += new TextDecoder().decode(bytes);
        return bytes.length;
      },
    },
    ...(stderrColumns !== undefined && { stderrColumns }),
  });
  using store = Store.open(scratch.file, { onUpgrade: upgradeProgress(terminal, scratch.file) });
  assert.equal(store.tags.count(), 1);
  return shown;
}

Deno.test("an upgrade shows a bar on a terminal, and nothing elsewhere", () => {
  assert.match(upgradeOn(100), /█.* % .*bringing .* up to date/);
  assert.equal(upgradeOn(), "");
});

Deno.test("a command that only reads refuses an older file and says who brings it up to date", async () => {
  using scratch = new Scratch();
  new OlderFile(scratch.file, 3)[Symbol.dispose]();
  const { code, err } = await runCaptured(["query", "techniques", "--db", scratch.file]);
  assert.equal(code, 4);
  assert.match(err, /schema version 3 .*brings it up to date/);
  const again = await runCaptured(["import", "--db", scratch.file, import.meta.filename!]);
  assert.equal(again.code, 2, "a file of TypeScript is no log, but the database is opened before");
  assert.equal((await runCaptured(["query", "techniques", "--db", scratch.file])).code, 0);
});
