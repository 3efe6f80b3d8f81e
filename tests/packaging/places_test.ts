import assert from "assert";
import { join } from "node:path";
import { EmptyRoot, type EmptyRootOptions, NOBODY, OWNER } from "../harness/empty_root.ts";
import { writeExecutable } from "../harness/executable_file.ts";
import { type Target, TARGETS } from "../../.tasks/runtimes.ts";
import { HOST_TARGET, PackedStub, packStub, type Start, stubFile } from "./packed_stub.ts";

/** What a stranger wants to have run. */
const PLANTED = "#!/bin/sh\necho PLANTED\n";

/** A platform that this machine is not. */
const OTHER_TARGET = TARGETS.find((target) => target !== HOST_TARGET)!;

/** Names of the two directories as an honest start makes them. */
async function honestNames(): Promise<readonly string[]> {
  using stub = new PackedStub();
  await stub.start();
  return Array.from(Deno.readDirSync(stub.cache), ({ name }) => name);
}

/** A directory that looks like an unpacked one, with the stranger's program in it. */
async function plant(folder: string): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of await honestNames()) {
    Deno.mkdirSync(join(folder, name), { mode: 0o700 });
    for (const file of ["decnet-ttp", "program.js"]) {
      Deno.writeTextFileSync(join(folder, name, file), PLANTED, { mode: 0o500 });
    }
  }
}

/** @param place that is to be used in the place of the home's cache */
function assertUnpackedIn(place: string, { code, out, err, said }: Start): void {
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.ok(!out.includes("PLANTED"));
  assert.ok(said[1]!.startsWith(`${place}/decnet-ttp/runtime-`), said[1]);
}

/** Where a start goes that cannot use the home. */
function otherPlace(stub: PackedStub): string {
  const place = join(stub.folder, "other place");
  Deno.mkdirSync(place);
  return place;
}

Deno.test("a link in the place of the cache is not followed", async () => {
  using stub = new PackedStub();
  await plant(join(stub.folder, "strange"));
  Deno.mkdirSync(join(stub.home, ".cache"));
  Deno.symlinkSync(join(stub.folder, "strange"), stub.cache);
  const place = otherPlace(stub);
  assertUnpackedIn(place, await stub.start([], { env: { TMPDIR: place } }));
});

Deno.test("a cache that others may write to, or that is another user's, is not used", async (t) => {
  await t.step("open to others", async () => {
    using stub = new PackedStub();
    await plant(stub.cache);
    Deno.chmodSync(stub.cache, 0o777);
    const place = otherPlace(stub);
    assertUnpackedIn(place, await stub.start([], { env: { TMPDIR: place } }));
  });
  if (Deno.uid() !== 0) return;
  await t.step("another user's", async () => {
    using stub = new PackedStub();
    await plant(stub.cache);
    chownAll(stub.cache);
    const place = otherPlace(stub);
    assertUnpackedIn(place, await stub.start([], { env: { TMPDIR: place } }));
  });
  await t.step("in another user's home, as sudo may leave it", async () => {
    using stub = new PackedStub();
    Deno.chownSync(stub.home, NOBODY, NOBODY);
    const place = otherPlace(stub);
    assertUnpackedIn(place, await stub.start([], { env: { TMPDIR: place } }));
  });
  await t.step("a home that cannot be written to", async () => {
    using stub = new PackedStub();
    const place = otherPlace(stub);
    Deno.chmodSync(stub.home, 0o555);
    for (const path of [stub.home, place]) Deno.chownSync(path, NOBODY, NOBODY);
    assertUnpackedIn(place, await stub.start([], { env: { TMPDIR: place }, uid: NOBODY }));
  });
});

Deno.test("a cache in a directory where others may put another in its place is not used", async (t) => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["open to everybody", 0o777, "other place"],
    ["open to everybody, who may not move what is another's", 0o1777, "home/.cache"],
    // Not everybody who runs this has such a group.
    ["open to the user's group", 0o775, Deno.gid() === Deno.uid() ? "home/.cache" : "other place"],
  ];
  for (const [name, mode, expected] of cases) {
    await t.step(name, async () => {
      using stub = new PackedStub();
      await stub.start();
      const parent = join(stub.home, ".cache");
      Deno.chmodSync(parent, mode);
      const place = otherPlace(stub);
      assertUnpackedIn(
        join(stub.folder, expected),
        await stub.start([], { env: { TMPDIR: place } }),
      );
    });
  }
  if (Deno.uid() !== 0) return;
  await t.step("open to a group of others", async () => {
    using stub = new PackedStub();
    const parent = join(stub.home, ".cache");
    Deno.mkdirSync(parent);
    Deno.chownSync(parent, 0, NOBODY);
    Deno.chmodSync(parent, 0o775);
    const place = otherPlace(stub);
    assertUnpackedIn(place, await stub.start([], { env: { TMPDIR: place } }));
  });
});

Deno.test("a directory that the operator or systemd names comes first", async () => {
  using stub = new PackedStub();
  const place = otherPlace(stub);
  assertUnpackedIn(place, await stub.start([], { env: { CACHE_DIRECTORY: place } }));
  const named = join(stub.folder, "named");
  assertUnpackedIn(
    named,
    await stub.start([], { env: { CACHE_DIRECTORY: place, DECNET_TTP_CACHE_DIR: named } }),
  );
  const relative = await stub.start([], { env: { DECNET_TTP_CACHE_DIR: "here" } });
  assert.equal(relative.code, 126);
  assert.match(relative.err, /DECNET_TTP_CACHE_DIR=here is not an absolute path/);
});

Deno.test("a part that was cut short or changed in length is unpacked anew", async () => {
  using stub = new PackedStub();
  const { said } = await stub.start();
  const runtime = said[1]!;
  for (const spoil of [() => Deno.truncateSync(runtime, 10), () => Deno.removeSync(runtime)]) {
    Deno.chmodSync(runtime, 0o700);
    spoil();
    const again = await stub.start();
    assert.deepEqual({ code: again.code, said: again.said }, { code: 0, said });
  }
});

/** Starts the stand-in in an empty root. */
async function startInRoot(
  options: EmptyRootOptions,
  env: Record<string, string>,
  prepare: (root: EmptyRoot) => void | Promise<void> = () => {},
): Promise<Pick<Start, "code" | "out" | "err">> {
  using root = await EmptyRoot.create([], options);
  writeExecutable(join(root.path, "decnet-ttp"), stubFile());
  await prepare(root);
  const { code, stdout, stderr } = await root.command(["/decnet-ttp", "x"], { env }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("a file that was not copied as a whole says so and runs nothing", async () => {
  const whole = stubFile();
  for (const length of [40, 3_000, 12 * 1024, 12 * 1024 + 20, whole.length - 1]) {
    const { code, out, err } = await startInRoot({}, { HOME: "/home" }, ({ path }) => {
      Deno.truncateSync(join(path, "decnet-ttp"), length);
    });
    assert.ok(code === 126 || code === 2, `${length} bytes: ended with ${code}`);
    assert.equal(out, "");
    assert.notEqual(err, "");
    if (length >= 12 * 1024) assert.match(err, /incomplete: \d+ of \d+ bytes; copy it again/);
  }
});

Deno.test("a file that was damaged on its way runs nothing", async () => {
  for (const fromEnd of [3, 30, 200]) {
    const { code, out, err } = await startInRoot({}, { HOME: "/home" }, ({ path }) => {
      const bytes = stubFile().slice();
      bytes[bytes.length - fromEnd]! ^= 1;
      Deno.writeFileSync(join(path, "decnet-ttp"), bytes);
    });
    assert.deepEqual({ code, out }, { code: 126, out: "" });
    assert.match(err, /is damaged: its checksum is wrong; copy it again/);
  }
});

Deno.test("without a home it goes to /tmp, past names that somebody has taken there", async () => {
  const { code, out, err } = await startInRoot({}, {}, async ({ path }) => {
    const taken = join(path, `tmp/decnet-ttp-${NOBODY}`);
    await plant(taken);
    // Who is not root cannot make a stranger's directory: it is open to others then.
    if (Deno.uid() !== 0) Deno.chmodSync(taken, 0o777);
    Deno.symlinkSync("/home", join(path, `tmp/decnet-ttp-${NOBODY}.1`));
  });
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.ok(out.includes(`/tmp/decnet-ttp-${NOBODY}.2/runtime-`), out);
});

Deno.test("it passes over file systems that are full, read-only, or run no programs", async () => {
  for (const options of ["size=4k,nr_inodes=8", "ro", "noexec"]) {
    const mode = `${options},mode=755,uid=${OWNER},gid=${OWNER}`;
    const { code, out, err } = await startInRoot({ tmpfs: { "/home": mode } }, { HOME: "/home" });
    assert.deepEqual({ code, err }, { code: 0, err: "" }, options);
    assert.ok(out.includes(`/tmp/decnet-ttp-${NOBODY}/runtime-`), out);
  }
});

Deno.test("where no place will do, it names each one it tried and why", async () => {
  const { code, err } = await startInRoot(
    { tmpfs: { "/home": `noexec,mode=755,uid=${OWNER}`, "/tmp": "mode=1777,noexec" } },
    { HOME: "/home" },
  );
  assert.equal(code, 126);
  assert.match(err, /no place to unpack it; DECNET_TTP_CACHE_DIR can name one/);
  assert.match(err, /\/home\/\.cache\/decnet-ttp: no program can be run from there \(noexec\)/);
  assert.match(err, new RegExp(`/tmp/decnet-ttp-${NOBODY}: .*noexec`));
});

Deno.test("a runtime that is for another host is not taken for one that nothing may run", async () => {
  const cases: readonly (readonly [Target, number])[] = [
    // A program of another machine, and one whose C library is missing.
    [OTHER_TARGET, 126],
    [HOST_TARGET, 127],
  ];
  for (const [target, code] of cases) {
    using stub = new PackedStub();
    writeExecutable(stub.file, packStub(`#!/bin/sh\nexit ${code}\n`, target));
    const machine = target.slice(0, target.indexOf("-"));
    // The next start does not find it unpacked, and so can say the same.
    for (let start = 0; start < 2; start++) {
      const { code, err } = await stub.start();
      assert.equal(code, 126);
      assert.ok(
        err.includes(`it does not run on this host, is it ${machine} with glibc?`),
        err,
      );
    }
  }
});

Deno.test("it says what a host lacks: /proc, or tools to unpack with", async () => {
  const proc = await startInRoot({ proc: false }, {});
  assert.equal(proc.code, 126);
  assert.equal(proc.err, "decnet-ttp: it needs /proc, which is not mounted here\n");
  const tools = await startInRoot({ shell: "dash" }, {});
  assert.equal(tools.code, 126);
  assert.match(tools.err, /^decnet-ttp: the first start needs gzip, .* busybox, to unpack it\n$/);
});

Deno.test("a shell and a busybox without links are enough", async () => {
  const { code, err } = await startInRoot({ shell: "dash+busybox" }, { HOME: "/home" });
  assert.deepEqual({ code, err }, { code: 0, err: "" });
});

function chownAll(path: string): void {
  Deno.chownSync(path, NOBODY, NOBODY);
  if (!Deno.lstatSync(path).isDirectory) return;
  for (const { name } of Deno.readDirSync(path)) chownAll(join(path, name));
}
