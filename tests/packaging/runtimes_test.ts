import assert from "assert";
import {
  hostTarget,
  runtimeBytes,
  RuntimeError,
  RUNTIMES,
  TARGETS,
} from "../../.tasks/runtimes.ts";

Deno.test("both platforms carry the same runtime", () => {
  const versions = new Set(TARGETS.map((target) => RUNTIMES[target].version));
  assert.equal(versions.size, 1, [...versions].join(", "));
});

Deno.test("a file that is not the pinned runtime is refused, and both hashes are said", async () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "another program");
    const runtime = RUNTIMES[hostTarget() ?? TARGETS[0]];
    await assert.rejects(runtimeBytes(runtime, path), (error: Error) => {
      assert.ok(error instanceof RuntimeError);
      assert.ok(error.message.includes(`${path} is not Deno ${runtime.version}`), error.message);
      assert.ok(error.message.includes(runtime.sha256), error.message);
      return true;
    });
  } finally {
    Deno.removeSync(path);
  }
});
