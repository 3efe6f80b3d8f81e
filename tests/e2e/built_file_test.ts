import assert from "assert";
import manifest from "../../deno.json" with { type: "json" };
import { builtFile } from "./built_file.ts";

const NAME = `decnet-ttp-${manifest.version}-${Deno.build.arch}-unknown-linux-gnu`;

Deno.test("the compiled file of this version is tested, else the packed one, never an older one", () => {
  const dist = Deno.makeTempDirSync();
  const add = (name: string) => Deno.writeTextFileSync(`${dist}/${name}`, "");
  try {
    add(NAME.replace(manifest.version, "0.0.9"));
    add(`${NAME.replace(Deno.build.arch, "riscv64")}-packed`);
    assert.throws(() => builtFile(dist), /nothing in .* is .* make it with `deno task pack`/);
    add(`${NAME}-packed`);
    assert.deepEqual(builtFile(dist), { path: `${dist}/${NAME}-packed`, kind: "packed" });
    add(NAME);
    assert.deepEqual(builtFile(dist), { path: `${dist}/${NAME}`, kind: "compiled" });
  } finally {
    Deno.removeSync(dist, { recursive: true });
  }
});
