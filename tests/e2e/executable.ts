/**
 * `deno task test:e2e`: the executable as it is shipped, in a root that holds a C
 * library and a shell and nothing else, run by somebody without rights in an empty
 * environment.
 */
import assert from "assert";
import { join } from "node:path";
import { DatabaseSync } from "sqlite";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { EmptyRoot, NOBODY } from "../harness/empty_root.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { until } from "../harness/until.ts";
import { APPLICATION_ID } from "../../lib/store/sqlite/schema.ts";
import { SCHEMA_VERSION } from "../../lib/store/sqlite/migrate.ts";
import { builtFile } from "./built_file.ts";
import { OLDER_VERSIONS } from "../store/older_schema.ts";

const BUILT = builtFile();
Deno.stdout.writeSync(
  new TextEncoder().encode(`end to end with the ${BUILT.kind} executable ${BUILT.path}\n`),
);

/** Where it stands in the root: paths of operators have blanks. */
const PROGRAM = "/opt/my tools/decnet-ttp";

/** What the runtime needs of a host is what the runtime here needs. */
async function rootWithProgram(): Promise<EmptyRoot> {
  const root = await EmptyRoot.create([Deno.execPath()]);
  await root.add(BUILT.path, PROGRAM);
  return root;
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of it to its end. */
async function run(root: EmptyRoot, args: readonly string[], input = ""): Promise<Ended> {
  const child = root.command([PROGRAM, ...args], {
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writing = new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await writing;
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A worker in the root, until it is told to stop. */
function startWorker(root: EmptyRoot, url: string, database: string) {
  const child = root.command([PROGRAM, "run", "--nats-url", url, "--db", database], {
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  return {
    log: () => log,
    stop: async (): Promise<number> => {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await reading;
      return code;
    },
  };
}

Deno.test(`the ${BUILT.kind} executable needs nothing on the host`, async (t) => {
  using root = await rootWithProgram();

  await t.step("two first starts at once both work", async () => {
    const both = await Promise.all([run(root, ["version"]), run(root, ["version"])]);
    for (const { code, out, err } of both) {
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, /^decnet-ttp \d+\.\d+\.\d+/);
    }
  });

  await t.step("version says what it is made of", async () => {
    const facts = JSON.parse((await run(root, ["version", "--json"])).out);
    assert.match(JSON.stringify(facts), /enterprise-19\.1/);
    assert.match(JSON.stringify(facts), /ics-18\.1/);
  });

  await t.step("validate proves the rules in it", async () => {
    const { code, out } = await run(root, ["validate"]);
    assert.equal(code, 0, out);
    assert.match(out, /no problems; \d+ rules/);
  });

  await t.step("tag labels what it is given", async () => {
    const { code, out } = await run(
      root,
      ["tag", "--json", "-"],
      "find / -perm -u=s 2>/dev/null\n",
    );
    assert.equal(code, 0);
    const [{ tags }] = out.trim().split("\n").map((line) => JSON.parse(line));
    const ids = tags.map((tag: Record<string, string>) =>
      tag["sub_technique_id"] ?? tag["technique_id"]
    );
    assert.ok(ids.includes("T1548.001") && ids.includes("T1083"), out);
  });

  await t.step("exit codes are the program's own", async () => {
    const missing = await run(root, ["run", "--db", "/nonexistent/x.db"]);
    assert.equal(missing.code, 4, missing.err);
    assert.equal((await run(root, ["run", "--nats-url", "bogus://"])).code, 2);
  });

  await t.step("run works with a real server, stops at SIGTERM, and goes on after it", async () => {
    await using server = await NatsServer.start();
    await using publisher = natsBus({ servers: server.url });
    await reaches(publisher, "connected");
    const tagged = async (): Promise<number> => {
      const { code, out } = await run(root, ["query", "session", "--db", "/home/ttp.db", "--json"]);
      return code === 0 ? out.split("\n").filter((line) => line !== "").length : 0;
    };
    for (const [round, session] of ["first", "second"].entries()) {
      const worker = startWorker(root, server.url, "/home/ttp.db");
      await until(
        "it is connected",
        () => /connected to/i.test(worker.log()),
      );
      await until("its tags are on disk", async () => {
        await publisher.publish([sessionEvent(session, ["cat /etc/shadow"])]);
        return await tagged() === round + 1;
      });
      assert.equal(await worker.stop(), 0, worker.log());
      assert.match(worker.log(), /stopping: "got SIGTERM"/);
    }
  });

  await t.step("a database of the first version is brought up to date", async () => {
    const path = join(root.path, "home/old.db");
    const old = new DatabaseSync(path);
    for (const sql of OLDER_VERSIONS[0]!) old.exec(sql);
    old.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
    old.close();
    if (Deno.uid() === 0) Deno.chownSync(path, NOBODY, NOBODY);
    await using server = await NatsServer.start();
    const worker = startWorker(root, server.url, "/home/old.db");
    await until("it is ready", () => /ready: /.test(worker.log()));
    assert.equal(await worker.stop(), 0, worker.log());
    const now = new DatabaseSync(path, { readOnly: true });
    const { user_version } = now.prepare("PRAGMA user_version").get() as { user_version: number };
    now.close();
    assert.equal(user_version, SCHEMA_VERSION);
  });
});
