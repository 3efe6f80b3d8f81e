import assert from "assert";
import type { CommandCondition } from "../../../lib/rules/format/command_condition.ts";
import { explainCommand } from "../../../lib/rules/run/explain_command.ts";
import { ShellCommandMatcher } from "../../../lib/rules/command/matcher.ts";
import { textPattern } from "../../../lib/rules/compile/pattern.ts";
import { foldText, literalParts } from "../../../lib/rules/compile/requirement.ts";

const patterns = (pattern: string) => textPattern(pattern);

type Case = readonly [
  condition: CommandCondition,
  holds: readonly string[],
  not: readonly string[],
];

const CASES: readonly Case[] = [
  [{ program: ["wget", "curl"] }, ["cd /; wget x", "/usr/bin/curl x", "sudo wget x"], [
    "echo wget x",
    "grep -r wget /usr/share/doc",
    'echo "wget x"',
  ]],
  [{ program: ["python3"] }, ["python x", "python2.7 x"], ["pythonic x"]],
  [{ program: ["rm"], args: "-rf /" }, ["rm  -rf   /x", "rm '-rf' /"], ["rm x; echo -rf /"]],
  [{ program: ["rm"], args: "x", not_args: "-i" }, ["rm x", "rm -i y; rm x"], ["rm -i x"]],
  [{ path: "^\\./" }, ["./x", "nohup ./x &"], ["sh ./x"]],
  [{ writes: "/etc/passwd$" }, ["echo a >> /etc/passwd", "echo a | tee -a /etc/passwd"], [
    "cat /etc/passwd",
    "cat < /etc/passwd",
  ]],
  [{ reads: "/dev/urandom" }, ["head < /dev/urandom", "dd if=/dev/urandom"], ["ls /dev/urandom"]],
  [{ assigns: "^LD_PRELOAD=" }, ["LD_PRELOAD=x ls", "export LD_PRELOAD=x", "env LD_PRELOAD=x ls"], [
    "echo LD_PRELOAD=x",
  ]],
  [{ program: ["curl"], piped_into: ["sh", "bash"] }, [
    "curl x | sh",
    "curl x | tr a b | bash",
    "bash <(curl x)",
    'sh -c "$(curl x)"',
    "eval `curl x`",
  ], ["curl x; sh", "sh | curl x"]],
  [{ program: ["xargs", "rm"], piped_from: ["find"] }, ["find . | xargs rm"], ["find .; rm x"]],
  [{ program: ["rm"], wrapped_by: ["find"] }, ["find . -exec rm {} \\;"], ["rm x"]],
  [{ program: ["sh"], args: "-c", not_wrapped_by: ["find"] }, ["sh -c id"], [
    "find . -exec sh -c id \\;",
  ]],
  [{ not_program: ["cat", "ls"], args: "/bin/sh$" }, ["env -i x /bin/sh", "cat x; x /bin/sh"], [
    "ls -l /bin/sh",
    "cat /bin/sh",
  ]],
  [{ program: ["sh"], wrapped: true }, ["sudo sh", "tmux /bin/sh", "vim -c ':!sh'"], [
    "sh",
    "echo '!sh'",
  ]],
  [{ program: ["rm"], wrapped: false }, ["rm x"], ["sudo rm x"]],
  [{ path: "/", runs_empty: false }, ["/tmp/x", "echo id > /tmp/x; /tmp/x"], [
    ">/tmp/x && chmod 777 /tmp/x && /tmp/x",
    "busybox echo > /tmp/x; /tmp/x",
  ]],
  [{ program: ["sh", "source"], runs_empty: true }, [">/a/b && sh /a/b", ">b; source b"], [
    "sh /a/b",
    "echo id > b; sh b",
  ]],
  [{ program: ["cat"], own_file: true }, ["echo x > /dev/.a; cat /dev/.a"], [
    "echo x > /dev/.a; cat /dev/.b",
    "cat /dev/.a",
  ]],
  [{ runs_fetched: true }, ["wget http://h/x; sh x", "curl http://h/x | sh"], ["sh x; wget x"]],
  [
    { program: ["wget"], obfuscated: true },
    ["w'g'et x", "a=wget; $a x", "{wget,x}", "wge\\t x", "wget${IFS}x"],
    ["wget 'x'"],
  ],
  [{ path: " $" }, ["'./a ' b", "./a\\  b", "$'./a ' b"], ["./a  b"]],
  [{ writes: "a b" }, ["id > 'a b'", 'f="a b"; id > "$f"'], ["id > a b"]],
  [{ args: "[0-9a-f]{40,}" }, [`x ${"1a".repeat(20)}`, "a=0123456789abcdef; x $a$a$a"], [
    "x 1a",
  ]],
];

for (const [condition, holding, failing] of CASES) {
  const name = JSON.stringify(condition);
  for (const text of holding) {
    Deno.test(`${name} holds for ${text}`, () => {
      const matcher = new ShellCommandMatcher();
      const test = matcher.compile(condition, patterns);
      const reading = matcher.read(text);
      const span = test.find(reading);
      assert.ok(span !== undefined);
      assert.ok(span.start < span.end && span.end <= text.length);
      // What the prefilter is told must be true of every text that the condition holds for.
      const folded = foldText(`${text}\n${matcher.resolved(reading) ?? ""}`);
      assert.ok(Math.max(text.length, matcher.resolved(reading)?.length ?? 0) >= test.minLength);
      for (const group of test.requires) {
        assert.ok(group.some((literal) => folded.includes(literalParts(literal)[0])), group.join());
      }
    });
  }
  for (const text of failing) {
    Deno.test(`${name} does not hold for ${text}`, () => {
      const matcher = new ShellCommandMatcher();
      const test = matcher.compile(condition, patterns);
      assert.equal(test.find(matcher.read(text)), undefined);
    });
  }
}

Deno.test("a match that only the reading shows says so", () => {
  const matcher = new ShellCommandMatcher();
  const test = matcher.compile({ program: ["wget"] }, patterns);
  assert.equal(test.find(matcher.read("w'g'et x"))?.normalised, true);
  assert.equal(test.find(matcher.read("wget x"))?.normalised, undefined);
});

Deno.test("conditions that are compiled after a text was read are answered for it too", () => {
  const matcher = new ShellCommandMatcher();
  matcher.compile({ program: ["ls"] }, patterns);
  assert.ok(matcher.read("id") !== undefined);
  const late = matcher.compile({ program: ["id"] }, patterns);
  assert.ok(late.find(matcher.read("id")) !== undefined);
});

Deno.test("decoding gives what is hidden two levels deep, and nothing for plain texts", () => {
  const matcher = new ShellCommandMatcher();
  const inner = btoa("id");
  const outer = btoa(`echo ${inner} | base64 -d | sh`);
  assert.deepEqual(matcher.decode(`echo ${outer} | base64 -d | sh`), [
    `echo ${inner} | base64 -d | sh`,
    "id",
  ]);
  assert.deepEqual(matcher.decode("ls -la"), []);
});

Deno.test("an explanation names the nearest command and what it fails on", () => {
  const matcher = new ShellCommandMatcher();
  const condition = { program: ["rm"], args: "-rf", piped_from: ["find"] };
  const explained = explainCommand(condition, matcher.read("ls; rm -rf x; rm y"), patterns);
  assert.equal(explained.command?.args, "-rf x");
  assert.deepEqual(explained.fails, ["piped_from"]);
  assert.deepEqual(explainCommand(condition, matcher.read("ls"), patterns).fails, ["program"]);
});
