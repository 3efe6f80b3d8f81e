import assert from "assert";
import { fileURLToPath } from "node:url";
import { cowrieSession } from "../../../sources/cowrie/cowrie_log.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";

const MAIN = fileURLToPath(new URL("../../../../main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../../deno.json", import.meta.url));

const log = cowrieSession("c1", ["find / -perm -u=s 2>/dev/null", "uname -a"])
  .replaceAll(/"timestamp":"\d{4}-\d{2}-\d{2}/g, '"timestamp":"2017-11-05');

/** Runs the program as it is shipped, with no more permissions than its own. */
async function runAsShipped(args: readonly string[], input: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=program", "--quiet", "--no-prompt", "--config", CONFIG, MAIN, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await new Blob([input]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("a log of the past that comes through a pipe is dated by when it happened, in every answer", async () => {
  using files = directoryWith({});
  const db = ["--db", `${files.path}/t.db`];
  await runAsShipped(["import", ...db, "-"], log);
  const today = new Date().toISOString().slice(0, 10);
  const asked: Readonly<Record<string, readonly string[]>> = {
    techniques: ["query", "techniques", "--until", "2018-01-01"],
    session: ["query", "session", "c1"],
    attacker: ["query", "attacker"],
    decky: ["query", "decky", "--json"],
    report: ["report", "--format", "md"],
    navigator: ["export", "navigator"],
    ecs: ["export", "ecs"],
    misp: ["export", "misp"],
    csv: ["export", "csv"],
  };
  for (const [what, args] of Object.entries(asked)) {
    const { code, out, err } = await runCaptured([...args, ...db]);
    assert.deepEqual([code, err], [0, ""], what);
    assert.ok(out.includes("2017-11-05"), `${what}: ${out}`);
  }
  const none = await runCaptured(["query", "techniques", "--since", "2018-01-01", ...db]);
  assert.equal(none.out, "nothing was seen\n");
  const stix = JSON.parse((await runCaptured(["export", "stix", ...db])).out);
  for (const { type, first_seen, last_seen } of stix.objects) {
    if (type !== "sighting") continue;
    assert.match(first_seen, /^2017-11-05/);
    assert.match(last_seen, /^2017-11-05/);
  }
  const [ecs] = (await runCaptured(["export", "ecs", ...db])).out.split("\n");
  const { "@timestamp": at, event } = JSON.parse(ecs!);
  assert.match(at, /^2017-11-05/);
  assert.ok(event.created.startsWith(today.slice(0, 7)), "when it was labelled is said apart");
  const [ocsf] = (await runCaptured(["export", "ocsf", ...db])).out.split("\n");
  assert.equal(new Date(JSON.parse(ocsf!).time).getUTCFullYear(), 2017);
});
