import assert from "assert";
import { compileFailure, denortTarget, isThisProgram } from "../../.tasks/denort.ts";

/** What `deno compile` says where its vendor cannot be reached, shortened. */
const UNREACHABLE = `Compile program.js to x
Download https://dl.deno.land/release/v2.9.6/denort-aarch64-unknown-linux-gnu.zip
error: Writing deno compile executable to temporary file 'x.tmp-ba6d05ca09d3daaa'

Caused by:
    0: Setting up base binary.
    1: error sending request for url (https://dl.deno.land/release/v2.9.6/denort-aarch64-unknown-linux-gnu.zip): client error (Connect)
    2: failed to lookup address information: Name or service not known

Stack backtrace:
   0: <unknown>`;

/** The first 20 bytes of an executable, for a machine as elf(5) numbers it. */
function elfHeader(machine: number): Uint8Array {
  const header = new Uint8Array(20);
  header.set(new TextEncoder().encode("\x7fELF"));
  header[18] = machine;
  return header;
}

Deno.test("a build that cannot fetch its base executable says what it is, where from, and what helps", () => {
  const said = compileFailure(UNREACHABLE, "aarch64-unknown-linux-gnu", { denoDir: "/cache" });
  assert.match(said, /denort of Deno .* for aarch64-unknown-linux-gnu/);
  assert.match(said, /from dl\.deno\.land: failed to lookup address information/);
  assert.match(said, /^ {2}deno task pack$/m);
  assert.match(said, /^ {2}DENORT_BIN=\/path\/to\/denort deno task compile$/m);
  assert.match(
    said,
    /^ {2}\/cache\/dl\/release\/v2\.9\.6\/denort-aarch64-unknown-linux-gnu\.zip$/m,
  );
  assert.ok(!said.includes("backtrace"));
});

Deno.test("any other failure is told as it is", () => {
  const said = compileFailure("error: no space\n", "x86_64-unknown-linux-gnu", { denoDir: "/" });
  assert.equal(said, "deno compile failed for x86_64-unknown-linux-gnu: error: no space");
});

Deno.test("DENORT_BIN serves the platform that it is an executable of, and no other file does", async () => {
  const path = Deno.makeTempFileSync();
  try {
    for (
      const [machine, target] of [
        [62, "x86_64-unknown-linux-gnu"],
        [183, "aarch64-unknown-linux-gnu"],
      ] as const
    ) {
      Deno.writeFileSync(path, elfHeader(machine));
      assert.equal(await denortTarget(path), target);
    }
    for (
      const other of [elfHeader(40), new TextEncoder().encode("#!/bin/sh\n"), new Uint8Array()]
    ) {
      Deno.writeFileSync(path, other);
      await assert.rejects(denortTarget(path), /is no Linux executable for any platform/);
    }
  } finally {
    Deno.removeSync(path);
  }
  await assert.rejects(denortTarget(path), /DENORT_BIN=.* cannot be read/);
});

Deno.test("what was compiled must say that it is this program on this runtime", () => {
  const facts = { version: "1.2.3", runtime: `deno ${Deno.version.deno}` };
  assert.ok(isThisProgram(JSON.stringify(facts), "1.2.3"));
  assert.ok(!isThisProgram(JSON.stringify(facts), "1.2.4"));
  assert.ok(!isThisProgram(JSON.stringify({ ...facts, runtime: "deno 1.0.0" }), "1.2.3"));
  assert.ok(!isThisProgram("", "1.2.3"));
});
