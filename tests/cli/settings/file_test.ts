import assert from "assert";
import {
  FILE_SETTINGS,
  fileKey,
  parseSettingsFile,
  readSystemSettings,
  SettingsFileError,
} from "../../../lib/cli/settings/file.ts";
import { directoryWith, runCaptured } from "../captured_run.ts";
import { runProcess } from "../program_process.ts";

Deno.test("every setting can stand in a file: each has a variable of its own", () => {
  const variables = Object.values(FILE_SETTINGS).map(({ env }) => env);
  assert.ok(!variables.includes(undefined));
  assert.equal(new Set(variables).size, variables.length);
});

Deno.test("a file says its settings by the variables that they stand for", () => {
  const said = parseSettingsFile(
    '[nats]\nurl = ["nats://a", "nats://b"]\ntls_first = true\n',
    "t.toml",
  );
  assert.deepEqual([...said], [
    ["DECNET_NATS_URL", { value: "nats://a,nats://b", place: "t.toml:2" }],
    ["DECNET_NATS_TLS_FIRST", { value: "true", place: "t.toml:3" }],
  ]);
});

Deno.test("every mistake of a file is shown with its place, a secret's value never", () => {
  const text = 'nats_ulr = "x"\nlog_level = "loud"\nbroken\nnats_password = ""\n';
  try {
    parseSettingsFile(text, "t.toml");
    assert.fail("it was accepted");
  } catch (error) {
    assert.ok(error instanceof SettingsFileError);
    assert.deepEqual(error.problems.map(({ line, code }) => [line, code]), [
      [1, "unknown_setting"],
      [2, "setting_value"],
      [3, "toml"],
      [4, "setting_value"],
    ]);
    assert.match(error.problems[0]!.remedy ?? "", /did you mean nats_url\?/);
    assert.match(error.problems[1]!.remedy ?? "", /debug/);
    assert.deepEqual(
      error.problems.map(({ excerpt }) => excerpt),
      ["nats_ulr = …", 'log_level = "loud"', undefined, "nats_password = …"],
    );
  }
});

/** Lines whose mistake must not show what they were to keep. */
const MISTYPED_SECRETS = [
  'nats_pasword = "geheim"',
  "nats_password = geheim",
  'nats_password: "geheim"',
  'http_token = "geheim',
  'nats_token = "x"\nnats_token = "geheim"',
  "nats_url = nats://me:geheim@host",
  'nats_ulr = "nats://me:geheim@host"',
  'nats_password = """\ngeheim\n"""',
  '[nats]\npassword = { is = "geheim" }',
];

for (const text of MISTYPED_SECRETS) {
  Deno.test(`a mistake shows no secret: ${JSON.stringify(text)}`, async () => {
    using files = directoryWith({ "ttp.toml": text });
    const { code, out, err } = await runCaptured(["run", "--config", `${files.path}/ttp.toml`]);
    assert.equal(code, 2);
    assert.match(err, /ttp\.toml:[12]:\d+ /);
    assert.ok(!/geheim/.test(out + err), err);
  });
}

Deno.test("a login in an address is a secret too: not for a public file, not for a flag", async () => {
  const url = "nats://me:geheim@127.0.0.1:1";
  using files = directoryWith({ "ttp.toml": `nats_url = "${url}"\n` });
  const file = `${files.path}/ttp.toml`;
  await Deno.chmod(file, 0o644);
  const open = await runCaptured(["nats", "check", "--config", file]);
  assert.equal(open.code, 2);
  assert.match(open.err, /ttp\.toml:1:1 nats_url holds a secret.*chmod o-rwx.*nats_password_file/);
  await Deno.chmod(file, 0o600);
  assert.equal((await runCaptured(["nats", "check", "--config", file])).code, 5);
  const flagged = await runCaptured(["nats", "check", "--nats-url", url]);
  assert.equal(flagged.code, 2);
  assert.match(flagged.err, /^error: --nats-url: there is a secret.*set DECNET_NATS_URL/);
  assert.ok(!/geheim/.test(open.err + flagged.err));
});

Deno.test("a word that is nearly one of a few is taken for a slip of the pen", async () => {
  const { code, err } = await runCaptured(["run"], { DECNET_TTP_LOG_LEVEL: "dbug" });
  assert.equal(code, 2);
  assert.match(err, /^error: DECNET_TTP_LOG_LEVEL: "dbug" .*error; did you mean debug\?\n$/);
});

Deno.test("a file without end is none", async () => {
  const { code, err } = await runCaptured(["run", "--config", "/dev/zero"]);
  assert.equal(code, 2);
  assert.match(err, /cannot read the settings file \/dev\/zero: it is longer than/);
});

Deno.test("a flag beats the environment, which beats the file, which beats the default", async () => {
  const bogus = (name: string): RegExp => new RegExp(`cannot use "bogus://${name}"`);
  using files = directoryWith({ "ttp.toml": 'nats_url = "bogus://file"\n' });
  const config = ["run", "--config", `${files.path}/ttp.toml`];
  const env = { DECNET_NATS_URL: "bogus://environment" };
  assert.match((await runCaptured(config)).err, bogus("file"));
  assert.match((await runCaptured(config, env)).err, bogus("environment"));
  const flagged = await runCaptured([...config, "--nats-url", "bogus://flag"], env);
  assert.match(flagged.err, bogus("flag"));
  const named = await runCaptured(["run"], { DECNET_TTP_CONFIG: `${files.path}/ttp.toml` });
  assert.match(named.err, bogus("file"));
});

Deno.test("a file with mistakes, or none where one is named, ends a command with 2", async () => {
  using files = directoryWith({ "ttp.toml": "\nlog_levle = 'info'\n" });
  const bad = await runCaptured(["run", "--config", `${files.path}/ttp.toml`]);
  assert.equal(bad.code, 2);
  assert.match(bad.err, /ttp\.toml:2:1 there is no setting "log_levle"; did you mean log_level\?/);
  assert.match(bad.err, /^2 \| log_levle = …$/m);
  const missing = await runCaptured(["run", "--config", "/does/not/exist.toml"]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /^error: cannot read the settings file .*: it does not exist\n$/);
});

Deno.test("a secret in a file is for its owner alone to read", async () => {
  using files = directoryWith({ "ttp.toml": '[nats]\nurl = "127.0.0.1:1"\npassword = "geheim"\n' });
  const file = `${files.path}/ttp.toml`;
  await Deno.chmod(file, 0o644);
  const open = await runCaptured(["nats", "check", "--config", file, "--nats-user", "sensor"]);
  assert.equal(open.code, 2);
  assert.match(open.err, /ttp\.toml:3:1 nats_password holds a secret.*chmod o-rwx.*_password_file/);
  assert.ok(!open.err.includes("geheim"));
  await Deno.chmod(file, 0o600);
  const closed = await runCaptured(["nats", "check", "--config", file, "--nats-user", "sensor"]);
  assert.equal(closed.code, 5);
});

Deno.test("every command of the real program finds its settings in the file", async () => {
  using files = directoryWith({ "commands.txt": "uname -a\n" });
  const [file, db] = [`${files.path}/ttp.toml`, `${files.path}/own.db`];
  await Deno.writeTextFile(file, `db = "${db}"\n`);
  const attacker = ["--attacker", "0b5e7b8e-6f0a-4a52-9c55-0d5f6f7d6f10"];
  const kept = await runProcess([
    ...["import", "--config", file, `${files.path}/commands.txt`],
    ...attacker,
  ]);
  assert.equal(kept.code, 0, kept.err);
  const asked = await runProcess(["query", "techniques", "--json"], "", {
    DECNET_TTP_CONFIG: file,
  });
  assert.deepEqual([asked.code, asked.err], [0, ""]);
  assert.match(asked.out, /"technique_id":"T1082"/);
});

Deno.test("help works whatever is in the settings file", async () => {
  using files = directoryWith({ "ttp.toml": "broken" });
  const { code } = await runCaptured(["version"], { DECNET_TTP_CONFIG: `${files.path}/ttp.toml` });
  assert.equal(code, 0);
});

Deno.test("the system's file need not be there", () => {
  const warnings: string[] = [];
  const said = readSystemSettings("/does/not/exist.toml", (text) => warnings.push(text));
  assert.deepEqual([said.size, warnings], [0, []]);
});

Deno.test("names in a file are those of the flags with underscores", () => {
  assert.equal(fileKey("natsTlsFirst"), "nats_tls_first");
});
