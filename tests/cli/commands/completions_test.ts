import assert from "assert";
import { directoryWith, runCaptured } from "../captured_run.ts";

const script = async (shell: string): Promise<string> =>
  (await runCaptured(["completions", shell])).out;

/** What bash offers for a command line whose last word is being typed. */
async function offered(words: readonly string[]): Promise<readonly string[]> {
  const asking = `${await script("bash")}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _decnet_ttp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", asking, "bash", ...words],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

const CASES = [
  [["decnet-ttp", "val"], ["validate"]],
  [["decnet-ttp", "rules", "sh"], ["show"]],
  [["decnet-ttp", "tag", "--format", ""], ["lines", "events", "cowrie"]],
  [["decnet-ttp", "run", "--log-level", ""], ["debug", "info", "warning", "error"]],
  [["decnet-ttp", "run", "--log-level", "=", "in"], ["info"]],
  [["decnet-ttp", "run", "--log-level", "="], ["debug", "info", "warning", "error"]],
  [["decnet-ttp", "tag", "x.txt", "--js"], ["--json"]],
  [["decnet-ttp", "completions", ""], ["bash", "zsh", "fish", "-h", "--help"]],
] as const;

for (const [words, expected] of CASES) {
  Deno.test(`bash completes \`${words.join(" ")}\``, async () => {
    assert.deepEqual(await offered(words), expected);
  });
}

Deno.test("bash completes names of files as they are, blanks and stars included", async () => {
  using files = directoryWith({ "a b *.toml": "", "a.toml": "" });
  const names = [`${files.path}/a b *.toml`, `${files.path}/a.toml`];
  const found = await offered(["decnet-ttp", "run", "--config", `${files.path}/a`]);
  assert.deepEqual(found.toSorted(), names);
  const argument = await offered(["decnet-ttp", "tag", `${files.path}/a`]);
  assert.deepEqual(argument.toSorted(), names);
});

Deno.test("zsh and fish are told of every command with its description", async () => {
  const zsh = await script("zsh");
  const fish = await script("fish");
  assert.match(zsh, /^#compdef decnet-ttp$/m);
  assert.match(zsh, /'validate:prove rules/);
  assert.match(fish, /^complete -c decnet-ttp .*rules.* -f -a 'list' -d '/m);
  assert.match(fish, /-l format -x -a 'lines events cowrie'/);
});

Deno.test("a shell that nobody knows is a mistake of usage", async () => {
  const { code, err } = await runCaptured(["completions", "csh"]);
  assert.equal(code, 2);
  assert.match(err, /bash, zsh, fish/);
});
