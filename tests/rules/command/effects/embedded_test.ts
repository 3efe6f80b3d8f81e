import assert from "assert";
import { analyseCommand } from "../../../../lib/rules/command/analysis.ts";

/** Program and arguments of every command, as a person would read them. */
function lines(text: string): readonly string[] {
  return analyseCommand(text).commands.map(({ program, args }) => `${program} ${args}`.trim());
}

const EMBEDDED: readonly (readonly [text: string, commands: readonly string[]])[] = [
  ["vim -c ':!wget x' a", ["vim -c :!wget x a", "wget x"]],
  ["gdb -ex '!sh -c id'", ["gdb -ex !sh -c id", "sh -c id", "id"]],
  ["scp -o ProxyCommand='wget x' a b:", ["scp -o ProxyCommand=wget x a b:", "wget x"]],
  ["x --rsh 'wget y'", ["x --rsh wget y", "wget y"]],
  ["PROMPT_COMMAND='wget x'", ["", "wget x"]],
  ["PAGER='id' man ls", ["man ls", "id"]],
  [`python -c 'import os; os.execvp("wget", ["wget", "x"])'`, [
    `python -c import os; os.execvp("wget", ["wget", "x"])`,
    "wget x",
  ]],
  [`node -e 'spawn("wget", ["x", "y"])'`, [`node -e spawn("wget", ["x", "y"])`, "wget x y"]],
  ["make --eval='$(shell id)' .", ["make --eval=$(shell id) .", "id"]],
  ["tmux new -d /bin/sh -c id", ["tmux new -d /bin/sh -c id", "sh -c id", "id"]],
  ["firetool /bin/sh -c id", ["firetool /bin/sh -c id", "sh -c id", "id"]],
  ["ls /bin/sh; grep '!id' x; echo 'system(\"id\")'", [
    "ls /bin/sh",
    "grep !id x",
    'echo system("id")',
  ]],
];

for (const [text, commands] of EMBEDDED) {
  Deno.test(`reads what is run by ${JSON.stringify(text)}`, () => {
    assert.deepEqual(lines(text), commands);
  });
}

Deno.test("what another program runs says by which", () => {
  const { commands } = analyseCommand("sudo vim -c ':!sudo wget x'");
  assert.deepEqual(commands.at(-1)?.wrappers, ["vim", "sudo"]);
});

Deno.test("of one program's words, a bounded number of commands is read", () => {
  const { commands } = analyseCommand(`x ${"'!id' ".repeat(2_000)}`);
  assert.ok(commands.length < 20, String(commands.length));
});
