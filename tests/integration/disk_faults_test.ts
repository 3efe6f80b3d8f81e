import assert from "assert";
import { join } from "node:path";
import { NAMES, setUp } from "../bus/jetstream/medium.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { tryProgram } from "../harness/debian_package.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { announcedTags, settled, storedTags } from "../harness/outcome.ts";
import { WorkerProcess } from "../harness/worker_process.ts";

/** Sessions that meet the fault, and tags that each of them gives. */
const SESSIONS = 1500;
const COMMANDS = ["cat /etc/shadow", "crontab -r"];

/** A disk that a test can break and mend under a running worker. */
interface Disk {
  /** Folder of the database, as the worker sees it. */
  readonly folder: string;
  readonly launcher?: readonly string[];
  /** More arguments of `run`. */
  readonly args?: readonly string[];
  readonly break: (worker: WorkerProcess) => Promise<void>;
  readonly mend: (worker: WorkerProcess) => Promise<void>;
  /** Path of a file of that folder for everybody else, while the worker lives. */
  readonly path: (worker: WorkerProcess, name: string) => string;
}

/**
 * Breaks the disk of a real worker between two loads of sessions, and demands that
 * it says so, mends itself, and has every tag on disk and announced.
 */
async function survives(disk: Disk, reason: RegExp): Promise<void> {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const listener = new Listener(bus, "system.ttp.health");
  const isSaid = (state: string, pattern = /^$/) => {
    const payload = listener.heard.at(-1)?.payload;
    return payload?.["state"] === state && pattern.test(String(payload["reason"] ?? ""));
  };
  const copy = await Deno.makeTempDir({ prefix: "decnet-ttp-test-" });
  try {
    await using worker = new WorkerProcess({
      url: server.url,
      stream: NAMES.stream,
      database: join(disk.folder, "ttp.db"),
      ...(disk.launcher !== undefined && { launcher: disk.launcher }),
      args: disk.args ?? [],
    });
    await worker.until("it says that it is well", () => isSaid("ok"));
    await bus.publish([sessionEvent("before", COMMANDS)]);
    await worker.until("the first session is worked off", () => settled(server.url));

    await disk.break(worker);
    try {
      await bus.publish(
        Array.from({ length: SESSIONS }, (_, index) => sessionEvent(`s${index}`, COMMANDS)),
      );
      await worker.until("it says what is wrong", () => isSaid("degraded", reason));
      assert.equal(await settled(server.url), false, "nothing is acknowledged that is not on disk");
    } finally {
      await disk.mend(worker);
    }
    await worker.until("it says that it is well again", () => isSaid("ok"));
    await worker.until("every session is worked off", () => settled(server.url));
    await worker.until("nothing waits to be announced", async () => {
      const { uuids } = await announcedTags(server.url);
      return uuids.size % (SESSIONS + 1) === 0 && uuids.size > 0;
    });
    for (const name of ["ttp.db", "ttp.db-wal"]) {
      await Deno.copyFile(disk.path(worker, name), join(copy, name));
    }
    const stored = storedTags(join(copy, "ttp.db"));
    assert.deepEqual((await announcedTags(server.url)).uuids, stored);
    await worker.stop();
  } finally {
    await listener.close();
    await Deno.remove(copy, { recursive: true });
  }
}

/** Starts a program in a name space of its own, with a small file system in memory on the folder `$0`. */
const WITH_SMALL_DISK = 'mount -t tmpfs -o size=32m tmpfs "$0" && exec "$@"';
const UNSHARE = ["unshare", "--map-root-user", "--mount"];

async function mayMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-test-" });
  const [program, ...args] = [...UNSHARE, "sh", "-c", WITH_SMALL_DISK, folder, "true"];
  const { ok } = await tryProgram(program!, args);
  await Deno.remove(folder);
  return ok;
}

/** Takes what is left of a file system, as somebody's runaway log would. */
async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let size = 64 * 1024; size >= 1; size /= 16) {
    try {
      while (true) await file.write(new Uint8Array(size));
    } catch (error) {
      if (!/No space left/.test(String(error))) throw error;
    }
  }
}

for (
  const [how, args, reason] of [
    ["is full", ["--min-free", "0"], /\bstore: .*(full; make room|disk I\/O error)/],
    ["has less room than it must have", [], /free/],
  ] as const
) {
  Deno.test({
    name: `a disk that others fill up stops a real worker only as long as it ${how}`,
    // Needs root, or a kernel that lets users make name spaces.
    ignore: !await mayMount(),
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-test-" });
      const path = (worker: WorkerProcess, name: string) =>
        join(`/proc/${worker.pid}/root`, folder, name);
      try {
        await survives({
          folder,
          launcher: [...UNSHARE, "sh", "-c", WITH_SMALL_DISK, folder],
          args,
          break: (worker) => fill(path(worker, "filler")),
          mend: (worker) => Deno.remove(path(worker, "filler")),
          path,
        }, reason);
      } finally {
        await Deno.remove(folder);
      }
    },
  });
}

/** Makes files read-only even for those who have them open, or writable again; needs root and ext4. */
async function setReadOnly(paths: readonly string[], readOnly: boolean): Promise<void> {
  const { ok, output } = await tryProgram("chattr", [readOnly ? "+i" : "-i", ...paths]);
  if (!ok) throw new Error(output);
}

async function mayMakeReadOnly(): Promise<boolean> {
  const path = await Deno.makeTempFile({ prefix: "decnet-ttp-test-" });
  try {
    using file = await Deno.open(path, { write: true });
    await setReadOnly([path], true);
    return await file.write(new Uint8Array(1)).then(() => false, () => true);
  } catch {
    return false;
  } finally {
    await setReadOnly([path], false).catch(() => {});
    await Deno.remove(path);
  }
}

Deno.test({
  name: "a file that turns read-only under a real worker stops it only as long as it is",
  // Needs root and a file system that refuses writes to files that are open already, e.g. ext4.
  ignore: !await mayMakeReadOnly(),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-test-" });
    const files = ["ttp.db", "ttp.db-wal"].map((name) => join(folder, name));
    try {
      await survives({
        folder,
        break: () => setReadOnly(files, true),
        mend: () => setReadOnly(files, false),
        path: (_, name) => join(folder, name),
      }, /\bstore: .*(readonly database|disk I\/O error; .*mounted read-only)/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
