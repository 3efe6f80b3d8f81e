import assert from "assert";
import { serviceUnit } from "../../../../lib/cli/commands/install/service_unit.ts";
import { SERVICE_DATABASE } from "../../../../lib/cli/commands/install/installation.ts";
import { FILE_SETTINGS, fileKey, parseSettingsFile } from "../../../../lib/cli/settings/file.ts";
import { settingsTemplate } from "../../../../lib/cli/settings/template.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";
import { programLine } from "../../program_process.ts";

const UNIT = "etc/systemd/system/decnet-ttp.service";
const SETTINGS = "etc/decnet/ttp.toml";
const ENABLED = "etc/systemd/system/multi-user.target.wants/decnet-ttp.service";

Deno.test("install writes the unit, the settings and the state directory, and says what is next", async () => {
  using root = directoryWith({});
  const { code, out } = await runCaptured(["install", "--root", root.path]);
  assert.equal(code, 0, out);
  const unit = Deno.readTextFileSync(`${root.path}/${UNIT}`);
  for (
    const line of [
      "Type=notify",
      "ExecStart=/usr/local/bin/decnet-ttp run",
      "Restart=always",
      "WatchdogSec=60s",
      "DynamicUser=yes",
      "ProtectSystem=strict",
      "NoNewPrivileges=yes",
      "UMask=0077",
    ]
  ) assert.ok(unit.split("\n").includes(line), line);
  assert.ok(!/^MemoryDenyWriteExecute/m.test(unit), "V8 would not start");
  assert.equal(Deno.statSync(`${root.path}/var/lib/decnet-ttp`).mode! & 0o777, 0o700);
  assert.equal(Deno.statSync(`${root.path}/${SETTINGS}`).mode! & 0o777, 0o644);
});

Deno.test("a second install renews the unit and keeps what the operator wrote", async () => {
  using root = directoryWith({ [SETTINGS]: 'queue = "mine"\n', [UNIT]: "[Unit]\n" });
  const first = await runCaptured(["install", "--root", root.path]);
  assert.match(first.out, /^wrote .*decnet-ttp\.service\nkept {2}.*ttp\.toml\nmade /);
  const second = await runCaptured(["install", "--root", root.path]);
  assert.match(second.out, /^same {2}.*decnet-ttp\.service\nkept {2}.*ttp\.toml\nkept /);
  assert.equal(Deno.readTextFileSync(`${root.path}/${SETTINGS}`), 'queue = "mine"\n');
});

Deno.test("--dry-run prints everything and writes nothing", async () => {
  using root = directoryWith({});
  const { code, out } = await runCaptured(["install", "--dry-run", "--root", root.path]);
  assert.equal(code, 0);
  assert.ok(out.includes("ExecStart=/usr/local/bin/decnet-ttp run"));
  assert.ok(out.includes(`db = "${SERVICE_DATABASE}"`));
  assert.deepEqual([...Deno.readDirSync(root.path)], []);
});

Deno.test("the service runs the file that was packed, unless it could not see it there", async () => {
  using root = directoryWith({});
  const install = (executable: string) =>
    runCaptured(["install", "--dry-run", "--root", root.path], {
      DECNET_TTP_EXECUTABLE: executable,
    });
  assert.match((await install("/opt/decnet ttp")).out, /^ExecStart="\/opt\/decnet ttp" run$/m);
  for (
    const hidden of ["/home/ann/decnet-ttp", "/root/decnet-ttp", "/tmp/decnet-ttp", "decnet-ttp"]
  ) {
    const { code, err } = await install(hidden);
    assert.equal(code, 2, hidden);
    assert.ok(err.includes(hidden), err);
  }
  assert.match((await install("/opt/./d")).out, /^ExecStart=\/opt\/d run$/m);
  assert.match((await install("/opt/../tmp/d")).err, /a service cannot see \/tmp\/d;/);
});

Deno.test("a path that no unit can name is refused before it becomes lines of one", async () => {
  using root = directoryWith({});
  for (const executable of ["/opt/d\nExecStartPre=/tmp/x", '/opt/a"b', "/opt/it's", "/opt/a\\b"]) {
    const { code, err } = await runCaptured([
      "install",
      ...["--root", root.path, "--executable", executable],
    ]);
    assert.equal(code, 2);
    assert.match(err, /systemd takes no quotes, backslashes or line breaks in "\/opt\//);
    assert.equal(err.trimEnd().split("\n").length, 1, err);
  }
  assert.deepEqual([...Deno.readDirSync(root.path)], []);
});

Deno.test("the service gets to its settings, and nobody else changes them, whatever the umask", async () => {
  for (const umask of ["077", "000"]) {
    using root = directoryWith({});
    const { command, args } = programLine(["install", "--root", root.path]);
    const { success, stderr } = await new Deno.Command("sh", {
      args: ["-c", `umask ${umask}; exec "$@"`, "sh", command, ...args],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    for (const folder of ["etc", "etc/decnet", "etc/systemd/system", "var/lib"]) {
      assert.equal(Deno.statSync(`${root.path}/${folder}`).mode! & 0o777, 0o755, folder);
    }
    assert.equal(Deno.statSync(`${root.path}/${SETTINGS}`).mode! & 0o777, 0o644);
    assert.equal(Deno.statSync(`${root.path}/var/lib/decnet-ttp`).mode! & 0o777, 0o700);
  }
});

Deno.test("a path is one word of the unit, whatever is in it", () => {
  assert.match(serviceUnit("/opt/100%/$x/d"), /^ExecStart=\/opt\/100%%\/\$x\/d run$/m);
  assert.match(serviceUnit("/opt/a b;c/d"), /^ExecStart="\/opt\/a b;c\/d" run$/m);
});

Deno.test("the settings file explains every setting, and each of its lines can be taken as it is", () => {
  const text = settingsTemplate();
  const said = parseSettingsFile(text, "ttp.toml");
  assert.deepEqual([...said.keys()], ["DECNET_TTP_DB"]);
  const all = parseSettingsFile(text.replaceAll(/^# (\w+ = )/gm, "$1"), "ttp.toml");
  const secrets = Object.values(FILE_SETTINGS).filter(({ secret }) => secret);
  assert.equal(all.size, Object.keys(FILE_SETTINGS).length - secrets.length - 1);
  assert.ok(!text.includes(fileKey("natsPassword") + " ="), "a password in a file for all to read");
});

Deno.test("uninstall removes the unit and leaves settings and data; --purge takes them as well", async () => {
  using root = directoryWith({});
  await runCaptured(["install", "--root", root.path]);
  Deno.writeTextFileSync(`${root.path}/var/lib/decnet-ttp/ttp.db`, "");
  const run = (...more: string[]) => runCaptured(["uninstall", "--root", root.path, ...more]);

  assert.match((await run("--purge", "--dry-run")).out, /would remove .*ttp\.toml/);
  assert.equal((await run()).code, 0);
  assert.throws(() => Deno.lstatSync(`${root.path}/${UNIT}`), Deno.errors.NotFound);
  assert.ok(Deno.statSync(`${root.path}/var/lib/decnet-ttp/ttp.db`).isFile);

  assert.equal((await run("--purge")).code, 0);
  assert.throws(() => Deno.lstatSync(`${root.path}/${SETTINGS}`), Deno.errors.NotFound);
  assert.throws(() => Deno.lstatSync(`${root.path}/var/lib/decnet-ttp`), Deno.errors.NotFound);
  assert.deepEqual(await run(), { code: 0, out: "", err: "" });
});

Deno.test("a service that is enabled is not pulled from under systemd", async () => {
  using root = directoryWith({ [ENABLED]: "", [UNIT]: "[Unit]\n" });
  const { code, err } = await runCaptured(["uninstall", "--root", root.path]);
  assert.equal(code, 1);
  assert.match(err, /systemctl disable --now decnet-ttp/);
  assert.ok(Deno.statSync(`${root.path}/${UNIT}`).isFile);
});

Deno.test("what cannot be looked for is said, not taken for a defect", async () => {
  using root = directoryWith({ var: "a file where a directory belongs" });
  const { code, err } = await runCaptured([
    "uninstall",
    ...["--purge", "--dry-run", "--root", root.path],
  ]);
  assert.equal(code, 1);
  assert.match(err, /^error: cannot look for .*var\/lib/);
  assert.ok(!err.includes("defect"));
});

Deno.test("who may not write is told so, and nothing is half written", async () => {
  using root = directoryWith({ "etc/systemd": "a file where a directory belongs" });
  const { code, err } = await runCaptured(["install", "--root", root.path]);
  assert.equal(code, 1);
  assert.match(err, /^error: .*etc\/systemd/);
  assert.ok(!err.includes("defect"));
});
