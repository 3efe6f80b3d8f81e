import assert from "assert";
import { join } from "node:path";
import { hostShells } from "../harness/shells.ts";
import { until } from "../harness/until.ts";
import { PackedStub } from "./packed_stub.ts";

Deno.test("every shell unpacks it once, and hands arguments over as they are", async (t) => {
  const args = ["a b", "", "*", "$HOME", "'\"\\", "--flag=x y", "line\nbreak"];
  for (const { name, command } of await hostShells()) {
    await t.step(name, async () => {
      using stub = new PackedStub("decnet ttp; $(false) 'x'");
      const first = await stub.start(args, { shell: command });
      assert.equal(first.err, "");
      assert.equal(first.code, 0);
      assert.ok(first.out.startsWith(args.map((arg) => `[${arg}]`).join("")), first.out);
      assert.equal(Deno.statSync(stub.cache).mode! & 0o777, 0o700);
      const before = unpacked(stub.cache);
      const second = await stub.start(args, { shell: command });
      assert.deepEqual(second, first);
      assert.deepEqual(unpacked(stub.cache), before, "a later start writes nothing");
    });
  }
});

Deno.test("it is started by its path, through the search path, or from its own directory", async () => {
  using stub = new PackedStub();
  assert.equal((await stub.start(["x"])).said[3], stub.file);
  const shell = ["/bin/sh", "-c", 'exec "${0##*/}" x'];
  const found = await stub.start([], { shell, env: { PATH: `${stub.folder}:/usr/bin:/bin` } });
  assert.equal(found.said[3], stub.file, found.err);
  const here = await stub.start([], {
    shell: ["/bin/sh", "-c", 'exec "./${0##*/}" x'],
    cwd: stub.folder,
  });
  assert.equal(here.said[3], `${stub.folder}/./decnet-ttp`, here.err);
});

Deno.test("exit codes are the program's own, and so is the process that gets signals", async () => {
  using stub = new PackedStub();
  for (const code of [0, 1, 3, 143]) {
    assert.equal((await stub.start(["code", String(code)])).code, code);
  }
  const child = new Deno.Command(stub.file, {
    args: ["wait"],
    clearEnv: true,
    env: { HOME: stub.home },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  await until("it waits", () => said.includes("waiting"));
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 7);
  await reading;
  assert.match(said, /got TERM/);
});

Deno.test("the program keeps the caller's umask, and gets a cache that is its own", async () => {
  using stub = new PackedStub();
  const shell = ["/bin/sh", "-c", 'umask 027; exec "$0" x'];
  for (let start = 0; start < 2; start++) {
    const { said } = await stub.start([], { shell });
    assert.equal(said[4], "0027");
    assert.ok(said[2]!.startsWith(`${stub.cache}/program-`), said[2]);
  }
});

Deno.test("many first starts at once all work, and leave one copy", async () => {
  using stub = new PackedStub();
  const starts = await Promise.all(Array.from({ length: 12 }, () => stub.start(["x"])));
  for (const { code, err } of starts) assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.deepEqual(unpacked(stub.cache).map((path) => path.replace(/-[0-9a-f]{32}/, "")), [
    "program/program.js",
    "runtime/decnet-ttp",
  ]);
});

Deno.test("what a killed first start left behind is cleared away by the next", async () => {
  using stub = new PackedStub();
  await stub.start();
  const [, runtime] = unpacked(stub.cache).map((path) => join(stub.cache, path));
  // Process ids end at 2^22 on Linux: nobody has this one.
  const left = runtime!.replace(/[^/]+$/, ".new-4999999-abcdef");
  Deno.renameSync(runtime!, left);
  assert.equal((await stub.start()).code, 0);
  assert.throws(() => Deno.lstatSync(left), Deno.errors.NotFound);
});

/** Files below a directory, relative to it, sorted. */
function unpacked(folder: string, prefix = ""): readonly string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) =>
    isDirectory ? unpacked(join(folder, name), `${prefix}${name}/`) : [`${prefix}${name}`]
  ).sort();
}
