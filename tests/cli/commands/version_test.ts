import assert from "assert";
import manifest from "../../../deno.json" with { type: "json" };
import { loadPack } from "../../../lib/rules/pack.ts";
import { runCaptured } from "../captured_run.ts";

Deno.test("version --json names everything that the program is made of", async () => {
  const { code, out } = await runCaptured(["version", "--json"]);
  const { commit, target, sqlite, ...versions } = JSON.parse(out);
  assert.equal(code, 0);
  assert.deepEqual(versions, {
    program: "decnet-ttp",
    version: manifest.version,
    runtime: `deno ${Deno.version.deno}`,
    attack_releases: ["enterprise-19.1", "ics-18.1"],
    pack_rules: loadPack().rules.length,
    pack_hash: loadPack().hash,
  });
  assert.equal(target, Deno.build.target);
  assert.match(sqlite, /^3\.\d+\.\d+$/);
  assert.ok(commit === null || /^[0-9a-f]{40,64}$/.test(commit));
});

Deno.test("version and --version begin with the version", async () => {
  assert.match((await runCaptured(["version"])).out, /^decnet-ttp \d+\.\d+\.\d+/);
  assert.equal((await runCaptured(["--version"])).out, `${manifest.version}\n`);
});
