import assert from "assert";
import { COMMANDS } from "../../lib/cli/commands/registry.ts";
import type { Context } from "../../lib/cli/context.ts";
import { run } from "../../lib/cli/program.ts";
import { Terminal } from "../../lib/cli/output/terminal.ts";
import { runCaptured } from "./captured_run.ts";
import { programCommand, runProcess } from "./program_process.ts";

const USAGE_MISTAKES = [
  [["tga"], /^error: unknown command 'tga' \(Did you mean tag\?\)\n$/],
  [["help", "tga"], /^error: unknown command 'tga' \(Did you mean tag\?\)\n$/],
  [["tag", "--jsn"], /^error: unknown option '--jsn' \(Did you mean --json\?\)\n$/],
  [["tag", "--format", "xml"], /^error: .*--format.*Allowed choices are lines, events, cowrie/],
  [["completions", "bsh"], /Allowed choices are bash, zsh, fish\. \(Did you mean bash\?\)\n$/],
  [
    ["run", "--log-level", "inf"],
    /^error: .*--log-level.*warning, error\. \(Did you mean info\?\)\n$/,
  ],
  [["tag", "/does/not/exist"], /^error: cannot read \/does\/not\/exist: it does not exist\n$/],
  [["rules", "shwo"], /^error: unknown command 'shwo' \(Did you mean show\?\)\n$/],
  [["run", "--nats-url", "bogus://"], /^error: cannot use "bogus:\/\/" as a NATS server: .*\n$/],
] as const;

for (const [args, message] of USAGE_MISTAKES) {
  Deno.test(`\`${args.join(" ")}\` ends with 2 and one line that helps`, async () => {
    const { code, out, err } = await runCaptured(args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, message);
  });
}

Deno.test("a database that cannot be made ends run with 4 and one clear line", async () => {
  const { code, err } = await runProcess(["run", "--db", "/nonexistent/x.db"]);
  assert.equal(code, 4);
  assert.match(err, /^error: .*\/nonexistent\/x\.db.*\n$/);
});

Deno.test("help goes to standard output, names every command and has examples", async () => {
  const { code, out, err } = await runProcess(["--help"]);
  assert.deepEqual([code, err], [0, ""]);
  for (const name of ["run", "tag", "validate", "rules", "nats", "completions", "version"]) {
    assert.match(out, new RegExp(`^  ${name}\\b`, "m"));
  }
  assert.match(out, /^Examples:$/m);
  assert.ok(!out.includes("\x1b"));
});

for (const name of COMMANDS.keys()) {
  Deno.test(`${name} is found by its name, whatever options stand before it`, async () => {
    for (const before of [[], ["--debug"], ["--config", "version"], ["help"]]) {
      const { code, out } = await runCaptured([
        ...before,
        name,
        ...before[0] === "help" ? [] : ["--help"],
      ]);
      assert.equal(code, 0);
      assert.ok(out.startsWith(`Usage: decnet-ttp ${name} `), out);
    }
  });
}

Deno.test("no command at all shows the help on standard error and ends with 2", async () => {
  const { code, out, err } = await runCaptured([]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^Usage: decnet-ttp/);
});

Deno.test("a defect is one line with a request, and a trace only when asked for", async () => {
  const failing = (lines: string[], env: Readonly<Record<string, string>>): Context => ({
    terminal: new Terminal({
      stdout: { writeSync: (bytes) => bytes.length },
      stderr: {
        writeSync: (bytes) => {
          lines.push(new TextDecoder().decode(bytes));
          return bytes.length;
        },
      },
    }),
    env: (name) => env[name],
    stdin: () => {
      throw new RangeError("a \x1b[31mbad\x1b[0m day");
    },
  });
  const quiet: string[] = [];
  assert.equal(await run(["tag", "-"], failing(quiet, {})), 1);
  assert.deepEqual(quiet, [
    "error: RangeError: a \\x1b[31mbad\\x1b[0m day\n",
    "this is a defect of decnet-ttp; please report it with what --debug shows of it\n",
  ]);
  for (const [args, env] of [[["--debug"], {}], [[], { DECNET_TTP_DEBUG: "1" }]] as const) {
    const loud: string[] = [];
    assert.equal(await run(["tag", "-", ...args], failing(loud, env)), 1);
    assert.ok(loud.some((line) => /^ +at .*program_test\.ts/.test(line)), loud.join(""));
  }
});

Deno.test("a reader that goes away ends the program quietly", async () => {
  const child = programCommand(["tag", "--json", "-"], { stdin: "piped" }).spawn();
  const writing = new Blob(["uname -a\n".repeat(200_000)]).stream().pipeTo(child.stdin)
    .catch(() => {});
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [status, err] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await writing;
  assert.deepEqual([status.code, err], [0, ""]);
});
