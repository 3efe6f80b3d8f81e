import assert from "assert";
import { serviceUnit } from "../../lib/cli/commands/install/service_unit.ts";
import { copyExecutable } from "../harness/executable_file.ts";
import { systemdAnalyze } from "../harness/systemd_analyze.ts";

/** What systemd's own reckoning calls the exposure of a service must stay below this, of 10. */
const MAX_EXPOSURE = 2;

/**
 * The unit in a file of its name, running a program that is there.
 *
 * @param name of the program
 */
function unitFile(name: string = "decnet-ttp"): { readonly path: string } & Disposable {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/decnet-ttp.service`;
  copyExecutable("/bin/true", `${folder}/${name}`);
  Deno.writeTextFileSync(path, serviceUnit(`${folder}/${name}`));
  return { path, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}

Deno.test("systemd finds nothing wrong with the unit, wherever the program is", async () => {
  for (const name of ["decnet-ttp", "a b", "100%", "$HOME", "ü;x"]) {
    using unit = unitFile(name);
    const { ok, output } = await systemdAnalyze(["verify", unit.path]);
    assert.ok(ok, output);
    const ours = output.split("\n").filter((line) => line.includes(unit.path));
    assert.deepEqual(ours, []);
  }
});

Deno.test("systemd calls the service little exposed", async () => {
  using unit = unitFile();
  const { output } = await systemdAnalyze(["security", "--offline=true", "--no-pager", unit.path]);
  const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(output)?.[1]);
  assert.ok(exposure < MAX_EXPOSURE, output);
});
