import assert from "assert";
import { exportTag, variousTags } from "../exported.ts";
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
