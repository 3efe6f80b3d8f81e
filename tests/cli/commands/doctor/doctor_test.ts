import assert from "assert";
import { diskFinding } from "../../../../lib/cli/commands/doctor/host.ts";
import { Store } from "../../../../lib/store/store.ts";
import { NatsServer } from "../../../harness/nats_server.ts";
import { type CapturedRun, directoryWith, runCaptured } from "../../captured_run.ts";
import { tag } from "../../../store/scratch.ts";

interface Findings {
  readonly ok: boolean;
  readonly problems: number;
  readonly settings: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly origin: string;
    readonly place: string | null;
  }[];
  readonly findings: readonly {
    readonly area: string;
    readonly what: string;
    readonly verdict: string;
    readonly detail: string;
    readonly remedy?: string;
  }[];
}

/** Nobody listens there. */
const NOWHERE = "nats://127.0.0.1:1";

async function examined(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Findings & { readonly run: CapturedRun }> {
  const run = await runCaptured(["doctor", "--json", ...args], env);
  return { ...JSON.parse(run.out), run };
}

/** What is wrong, as lines. */
function problemsOf({ findings }: Findings): readonly string[] {
  return findings.filter(({ verdict }) => verdict === "problem")
    .map(({ area, what, detail, remedy }) => `${area}: ${what}: ${detail} -> ${remedy}`);
}

function databaseAt(path: string, createdAt = new Date()): void {
  using store = Store.open(path);
  store.tags.insert([tag()], createdAt);
}

Deno.test("a sensor that is well has no problem, and is left exactly as it was", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  using files = directoryWith({});
  const db = `${files.path}/ttp.db`;
  databaseAt(db);
  const env = { DECNET_NATS_URL: server.url, DECNET_TTP_STREAM: "DECNET", DECNET_TTP_DB: db };
  assert.equal((await runCaptured(["nats", "setup"], env)).code, 0);
  const before = await Deno.readFile(db);
  const found = await examined([], env);
  assert.deepEqual([found.run.code, found.run.err, problemsOf(found)], [0, "", []]);
  assert.deepEqual(await Deno.readFile(db), before);
  const areas = new Set(found.findings.map(({ area }) => area));
  assert.deepEqual([...areas].toSorted(), ["ATT&CK", "bus", "clock", "database", "disk", "rules"]);
  const told = (what: string): string =>
    found.findings.find((finding) => finding.what === what)?.detail ?? "";
  assert.match(told("file"), /mode 0600, schema \d+, no damage found/);
  assert.match(told("tags"), /^1, the newest \d+ s ago/);
  assert.match(told("consumer decnet-ttp of DECNET"), /0 waiting/);
  assert.match(told("enterprise-19.1"), /[0-9a-f]{64}/);

  const text = await runCaptured(["doctor"], env);
  assert.equal(text.code, 0);
  assert.match(text.out, /^ {2}nats_url +127\.0\.0\.1:\d+ +environment, DECNET_NATS_URL$/m);
  assert.match(text.out, /^All is well\.$/m);
});

Deno.test("each setting is shown with where it comes from, and no secret is", async () => {
  using files = directoryWith({ "ttp.toml": "poll_interval = '90s'\n" });
  const found = await examined(
    ["--config", `${files.path}/ttp.toml`, "--log-level", "debug", "--db", `${files.path}/x.db`],
    { DECNET_NATS_URL: "nats://me:geheim@127.0.0.1:1", DECNET_NATS_TOKEN: "verborgen" },
  );
  const told = (name: string): unknown => {
    const { value, origin, place } = found.settings.find((setting) => setting.name === name)!;
    return [value, origin, place];
  };
  assert.deepEqual(told("poll_interval"), ["90s", "file", `${files.path}/ttp.toml:1`]);
  assert.deepEqual(told("log_level"), ["debug", "flag", "--log-level"]);
  assert.deepEqual(told("nats_url"), ["127.0.0.1:1", "environment", "DECNET_NATS_URL"]);
  assert.deepEqual(told("nats_token"), ["(hidden)", "environment", "DECNET_NATS_TOKEN"]);
  assert.deepEqual(told("sync"), ["normal", "default", null]);
  assert.ok(!/geheim|verborgen/.test(found.run.out + found.run.err));
});

/** One thing that is wrong: what makes it so in a directory, the flags, and what is said. */
const FAULTS: readonly {
  readonly name: string;
  readonly spoil: (directory: string) => void | Promise<void>;
  readonly args?: (directory: string) => readonly string[];
  readonly said: RegExp;
}[] = [
  {
    name: "a database whose directory is not there",
    spoil: () => {},
    args: (directory) => ["--db", `${directory}/none/x.db`],
    said: /^database: file: .*cannot be made, there is no .*none -> make it$/,
  },
  {
    name: "a database in a directory that nobody can write to",
    spoil: () => {},
    args: () => ["--db", "/proc/ttp.db"],
    said: /^database: file: .* this user cannot make it -> ask as the user of the worker/,
  },
  {
    name: "a database of a newer version",
    spoil: (directory) => {
      using store = Store.open(`${directory}/ttp.db`);
      store.database.run("PRAGMA user_version = 99");
    },
    said: /^database: file: .*schema version 99 .* -> use the newer program/,
  },
  {
    name: "a directory in the place of a database",
    spoil: () => {},
    args: (directory) => ["--db", directory],
    said: /^database: file: .* is not a regular file -> .*--db$/,
  },
  {
    name: "a database that others may read",
    spoil: (directory) => Deno.chmodSync(`${directory}/ttp.db`, 0o644),
    said: /^database: file: .*mode 0644.*open to others -> `chmod 600 .*ttp\.db`$/,
  },
  {
    name: "a database that is damaged",
    spoil: async (directory) => {
      const bytes = await Deno.readFile(`${directory}/ttp.db`);
      await Deno.writeFile(`${directory}/ttp.db`, bytes.fill(0xff, 4096, 4096 * 20));
    },
    said: /^database: .*(damaged|malformed).* -> .*sqlite3 FILE \.recover/,
  },
  {
    name: "a file that is no database",
    spoil: (directory) => Deno.writeTextFile(`${directory}/ttp.db`, "no database\n".repeat(500)),
    said: /^database: file: .*ttp\.db.* -> /,
  },
  {
    name: "a database of an older version",
    spoil: (directory) => {
      using store = Store.open(`${directory}/ttp.db`);
      store.database.run("PRAGMA user_version = 1");
    },
    said: /^database: file: .*schema version 1 .* -> a worker .*up to date/,
  },
  {
    name: "an announcement that NATS refused",
    spoil: (directory) => {
      using store = Store.open(`${directory}/ttp.db`);
      const refused = { reason: "not_permitted", detail: "not permitted", createdAt: "2026" };
      store.outbox.setAside.add([{ id: "1", subject: "ttp.tagged", payload: "{}", ...refused }]);
    },
    said:
      /^database: refused announcements on ttp\.tagged: 1 set aside: not permitted -> the worker/,
  },
  {
    name: "tags from the future",
    spoil: (directory) => databaseAt(`${directory}/ttp.db`, new Date(Date.now() + 86_400_000)),
    said: /^clock: against the newest tag: .*not come yet -> .*NTP/,
  },
  {
    name: "a rule that does not hold",
    spoil: (directory) => Deno.writeTextFile(`${directory}/rules/own.yaml`, "rule_id: own\n"),
    args: (directory) => ["--rules", `${directory}/rules`],
    said: /^rules: .*own\.yaml:1:1/,
  },
  {
    name: "a directory of rules that is not there",
    spoil: () => {},
    args: (directory) => ["--rules", `${directory}/none`],
    said: /^rules: directory: .*none.* -> .*--rules$/,
  },
  {
    name: "a bundle of ATT&CK that is not there",
    spoil: () => {},
    args: (directory) => ["--attack-bundle", `${directory}/none.json`],
    said: /^ATT&CK: bundle: .*does not exist/,
  },
  {
    name: "a directory of mails that is not there",
    spoil: () => {},
    args: (directory) => ["--artifacts", `${directory}/none`],
    said: /^disk: artifacts .*: is not there -> /,
  },
  {
    name: "an endpoint that would let strangers in",
    spoil: () => {},
    args: () => ["--http", "0.0.0.0:9464"],
    said: /^HTTP: endpoint: --http 0\.0\.0\.0:9464 can be reached from other hosts -> say --http-/,
  },
  {
    name: "an endpoint whose token is nowhere",
    spoil: () => {},
    args: (directory) => ["--http", "127.0.0.1:1", "--http-token-file", `${directory}/none`],
    said: /^HTTP: endpoint: --http-token-file: cannot read .*none.* -> .*does not start/,
  },
  {
    name: "a password that is nowhere",
    spoil: () => {},
    args: (directory) => ["--nats-user", "me", "--nats-password-file", `${directory}/none`],
    said: /^bus: login: .*none/,
  },
];

for (const { name, spoil, args, said } of FAULTS) {
  Deno.test(`${name} is a problem with its remedy, and the rest is looked at all the same`, async () => {
    using files = directoryWith({ "rules/README": "" });
    databaseAt(`${files.path}/ttp.db`);
    await spoil(files.path);
    const found = await examined([
      ...["--nats-url", NOWHERE, "--db", `${files.path}/ttp.db`],
      ...args?.(files.path) ?? [],
    ]);
    assert.deepEqual([found.run.code, found.ok], [1, false], found.run.err);
    const problems = problemsOf(found);
    assert.ok(problems.some((problem) => said.test(problem)), problems.join("\n"));
    assert.ok(!problems.some((problem) => / -> undefined$/.test(problem)), problems.join("\n"));
    assert.ok(problems.some((problem) => problem.startsWith("bus: ")), problems.join("\n"));
    assert.ok(found.findings.some(({ area, what }) => area === "clock" && what === "here"));
  });
}

Deno.test("settings that cannot be meant are problems with their remedy, in the same document", async () => {
  using files = directoryWith({ "ttp.toml": "log_levle = 'info'\nsync = 3\n" });
  const found = await examined(["--config", `${files.path}/ttp.toml`]);
  assert.deepEqual([found.run.code, found.ok, found.problems], [2, false, 2]);
  const [name, value] = problemsOf(found);
  assert.match(name ?? "", /^settings: .*ttp\.toml:1:1 .*"log_levle" -> did you mean log_level\?$/);
  assert.match(
    value ?? "",
    /^settings: .*ttp\.toml:2:1 sync: 3 .* -> expected one of normal, full$/,
  );
  const flag = await examined(["--poll-interval", "soon"]);
  assert.deepEqual([flag.run.code, flag.problems], [2, 1]);
  const bus = await examined([], { DECNET_NATS_URL: "http://x" });
  assert.deepEqual([bus.run.code, bus.problems], [2, 1]);
});

Deno.test("a server that hangs, refuses the login or has no stream is a problem", async () => {
  await using server = await NatsServer.start({
    jetstream: true,
    config: 'authorization { user: "me", password: "right" }',
  });
  using files = directoryWith({});
  const asked = (password: string) =>
    examined(["--stream", "DECNET", "--nats-user", "me", "--db", `${files.path}/ttp.db`], {
      DECNET_NATS_URL: server.url,
      DECNET_NATS_PASSWORD: password,
    });
  const [refused] = problemsOf(await asked("wrong"));
  assert.match(refused ?? "", /^bus: server: .*refuses the login -> /);
  const [missing] = problemsOf(await asked("right"));
  assert.equal(missing, "bus: stream DECNET: does not exist -> run `nats setup`");
  await server.pause();
  const [hung] = problemsOf(await asked("right"));
  server.resume();
  assert.match(hung ?? "", /^bus: server: 127\.0\.0\.1:\d+: .* -> /);
});

Deno.test("a sensor without a database yet is told so, which is no problem", async () => {
  await using server = await NatsServer.start();
  using files = directoryWith({});
  const found = await examined(["--nats-url", server.url, "--db", `${files.path}/ttp.db`]);
  assert.deepEqual([found.run.code, problemsOf(found)], [0, []]);
  const file = found.findings.find(({ area }) => area === "database");
  assert.equal(file?.verdict, "warning");
  assert.deepEqual([...Deno.readDirSync(files.path)], []);
});

const ROOMS = [[2 * 1024 ** 3, "ok"], [512 * 1024 ** 2, "warning"], [1024, "problem"]] as const;

for (const [free, verdict] of ROOMS) {
  Deno.test(`${free} bytes of free room are: ${verdict}`, () => {
    const finding = diskFinding("/here", { total: 1024 ** 4, free });
    assert.deepEqual([finding.verdict, finding.remedy !== undefined], [verdict, verdict !== "ok"]);
  });
}
