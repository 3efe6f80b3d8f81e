import assert from "assert";
import { join } from "node:path";
import { packStub } from "./packed_stub.ts";

/** Says in the place of a runtime what it was told of traces. */
const STAND_IN = `#!/bin/sh
[ "$1" = --version ] || echo "OTEL_DENO=\${OTEL_DENO-unset}"
`;

Deno.test("the packed program asks its runtime for traces in the spelling that it knows", () => {
  const folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-test-" });
  const file = join(folder, "decnet-ttp");
  Deno.writeFileSync(file, packStub(STAND_IN));
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{}, "unset"],
    [{ OTEL_DENO: "1" }, "true"],
    [{ OTEL_DENO: "true" }, "true"],
    [{ DECNET_DEVELOPER_TRACING: "1" }, "true"],
    [{ DECNET_DEVELOPER_TRACING: "true" }, "true"],
    [{ DECNET_DEVELOPER_TRACING: "0" }, "unset"],
    [{ OTEL_DENO: "false", DECNET_DEVELOPER_TRACING: "1" }, "false"],
  ];
  for (const [env, told] of cases) {
    const { stdout, stderr } = new Deno.Command("/bin/sh", {
      args: [file, "run"],
      clearEnv: true,
      env: { HOME: folder, ...env },
    }).outputSync();
    const decoder = new TextDecoder();
    assert.equal(decoder.decode(stdout), `OTEL_DENO=${told}\n`, decoder.decode(stderr));
  }
  Deno.removeSync(folder, { recursive: true });
});
