import assert from "assert";
import { join } from "node:path";
import { PackedStub, packStub } from "./packed_stub.ts";
import { writeExecutable } from "../harness/executable_file.ts";

/** Tells in the place of a runtime which variables it was given. */
const STAND_IN = `#!/bin/sh
[ "$1" = --version ] || export -p
`;

/** Names of the variables that the runtime sees of those that are named. */
async function seenOf(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  using stub = new PackedStub();
  writeExecutable(stub.file, packStub(STAND_IN));
  const { code, out, err } = await stub.start([], { env });
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  return Object.keys(env).filter((name) => new RegExp(`^export ${name}=`, "m").test(out));
}

Deno.test("what is meant for other programs of Deno and Node does not reach its runtime", async () => {
  assert.deepEqual(
    await seenOf({
      NODE_OPTIONS: "--require /tmp/foreign.cjs",
      NODE_CHANNEL_FD: "0",
      DENO_PERMISSION_BROKER_PATH: "/tmp/broker",
      DENO_AUDIT_PERMISSIONS: "/tmp/audit",
      DENO_COVERAGE_DIR: "/tmp/coverage",
      DENO_V8_FLAGS: "--no-such-flag",
      DENO_WITH_ANY_TEXT: "a\nDENO_x-y=z; $(false) * 'q'",
    }),
    [],
  );
});

Deno.test("certificates, traces and the program's own variables reach it as they are", async () => {
  const env = {
    DENO_CERT: "/etc/ca.pem",
    DENO_TLS_CA_STORE: "system",
    NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    DECNET_TTP_DB: "/srv/ttp.db",
    NO_COLOR: "1",
  };
  assert.deepEqual(await seenOf(env), Object.keys(env));
});

Deno.test("what tells ls to count otherwise does not keep it from starting", async () => {
  for (const variable of ["BLOCK_SIZE", "LS_BLOCK_SIZE", "TIME_STYLE"]) {
    using stub = new PackedStub();
    const env = { [variable]: variable === "TIME_STYLE" ? "no such style" : "human-readable" };
    for (let start = 0; start < 2; start++) {
      const { code, err, said } = await stub.start(["x"], { env });
      assert.deepEqual({ code, err }, { code: 0, err: "" }, variable);
      assert.ok(said[1]!.startsWith(stub.cache), said[1]);
    }
  }
});

Deno.test("a home with a colon in its path is taken as it is", async () => {
  using stub = new PackedStub();
  const home = join(stub.folder, "home:2");
  Deno.mkdirSync(home);
  const { code, said } = await stub.start([], { env: { HOME: home } });
  assert.equal(code, 0);
  assert.ok(said[1]!.startsWith(`${home}/.cache/decnet-ttp/`), said[1]);
});
