/**
 * `deno task bench:growth [--tags COUNT] [--json FILE]`: how the time of a
 * command grows with the rules, and that of the database with its tags (one
 * million; ten with `--tags 10000000`).
 */
import { join } from "node:path";
import { loadPack } from "../lib/rules/pack.ts";
import { RuleSet } from "../lib/rules/run/rule_set.ts";
import { Store } from "../lib/store/store.ts";
import { attackCommands } from "../tests/bench/attack_commands.ts";
import { growthTags } from "../tests/bench/growth_tags.ts";
import { multipliedPack } from "../tests/bench/multiplied_pack.ts";
import { benchResult, tellResult } from "../tests/bench/result.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** Tags of one transaction. */
const BATCH = 1_000;

const asked = Deno.args.indexOf("--tags");
const count = asked < 0 ? 1_000_000 : Number(Deno.args[asked + 1]);
const figures: Record<string, number> = {};
const commands = attackCommands(20_000, { seed: 3 });
for (const times of [1, 10, 100]) {
  const rules = RuleSet.compile(multipliedPack(loadPack().rules, times));
  // The first round compiles the patterns that are needed.
  for (const round of ["warm", "timed"]) {
    const from = performance.now();
    for (const text of commands) rules.match("command", { command_text: text });
    const micros = (performance.now() - from) / commands.length * 1000;
    if (round === "timed") figures[`a command with the pack × ${times}, µs`] = micros;
  }
}
await growDatabase();
tellResult(benchResult(figures), Deno.args);

async function growDatabase(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ttp-bench-" });
  try {
    const file = join(folder, "ttp.db");
    {
      using store = Store.open(file);
      const from = performance.now();
      for (let first = 0; first < count; first += BATCH) {
        const at = new Date(1_780_300_800_000 + first * 100);
        store.transaction(() => store.tags.insert(growthTags(first, BATCH), at));
      }
      figures["insert, tags/s"] = count / (performance.now() - from) * 1000;
    }
    figures["database, MiB"] = (await Deno.stat(file)).size / 1024 / 1024;
    figures["query techniques, ms"] = await time(file, "query", "techniques");
    const { attackerUuid, sessionId, deckyId } = growthTags(7, 1)[0]!;
    for (
      const [dimension, id] of [
        ["attacker", attackerUuid],
        ["session", sessionId],
        ["decky", deckyId],
      ] as const
    ) {
      figures[`query ${dimension}, ms`] = await time(file, "query", dimension);
      figures[`query ${dimension} ID, ms`] = await time(file, "query", dimension, id!);
    }
    figures["report, ms"] = await time(file, "report", "--output", join(folder, "report.html"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function time(file: string, ...command: string[]): Promise<number> {
  const from = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", MAIN, ...command, "--db", file],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${command.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return performance.now() - from;
}
