import assert from "assert";
import { Store } from "../../../../lib/store/store.ts";
import { NOW, tag } from "../../../store/scratch.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";

/** Runs `attackers` commands against one database. */
function attackersAt(directory: string) {
  const env = { DECNET_TTP_DB: `${directory}/ttp.db` };
  return (...args: readonly string[]) => runCaptured(["attackers", ...args], env);
}

const LINES = [
  "uuid,ip,identity_uuid",
  "a1,192.0.2.1",
  '"a2", 2001:DB8::1 ,i1',
  '{"uuid":"a3","ip":"::ffff:192.0.2.3","first_seen":"2026-01-01T00:00:00Z"}',
  '{"attacker_uuid":"a4","identity_uuid":"i1"}',
  "",
].join("\n");

Deno.test("attackers are imported from CSV and JSON, and listed as they are imported", async () => {
  using dir = directoryWith({ "a.txt": LINES });
  const attackers = attackersAt(dir.path);
  const { code, out } = await attackers("import", `${dir.path}/a.txt`);
  assert.deepEqual([code, out], [0, "4 attackers learned\n"]);
  const list = await attackers("list", "--json");
  const rows = list.out.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(rows.map(({ uuid, ip, identity_uuid }) => [uuid, ip, identity_uuid]), [
    ["a1", "192.0.2.1", undefined],
    ["a2", "2001:db8::1", "i1"],
    ["a3", "192.0.2.3", undefined],
    ["a4", undefined, "i1"],
  ]);
  assert.equal(rows[2].first_seen, "2026-01-01T00:00:00.000Z");
  assert.match((await attackers("list")).out, /^ADDRESS +ATTACKER.*\n192\.0\.2\.1 +a1 /);

  using other = directoryWith({ "b.jsonl": list.out });
  const copy = attackersAt(other.path);
  await copy("import", `${other.path}/b.jsonl`);
  assert.equal((await copy("list", "--json")).out, list.out);
});

Deno.test("lines that cannot be used are named, the others count, and the answer is no", async () => {
  const bad = [
    "a9,localhost",
    ",192.0.2.1",
    "{",
    "[1]",
    "a8",
    '{"uuid":"\u001b[31m"}',
    "a7,192.0.2.7",
  ];
  using dir = directoryWith({ "a.txt": bad.join("\n") });
  const attackers = attackersAt(dir.path);
  const { code, out, err } = await attackers("import", `${dir.path}/a.txt`);
  assert.deepEqual([code, out], [1, "1 attacker learned\n"]);
  const places = err.split("\n").filter((line) => line.includes("a.txt:"));
  assert.deepEqual(places.map((line) => line.replace(/.*a\.txt:(\d+):.*/, "$1")), [
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
  ]);
  assert.match(err, /error: 6 lines could not be used/);
  assert.ok(!err.includes("\x1b"));
});

Deno.test("an attacker is forgotten by address or uuid, after a look at what would go", async () => {
  using dir = directoryWith({ "a.txt": LINES });
  const attackers = attackersAt(dir.path);
  await attackers("import", `${dir.path}/a.txt`);
  const tags = () => {
    using store = Store.open(`${dir.path}/ttp.db`);
    return store.tags.count();
  };
  {
    using store = Store.open(`${dir.path}/ttp.db`);
    store.tags.insert([tag(), tag(), tag({ attackerUuid: "a2" })], NOW);
  }
  const look = await attackers("forget", "192.0.2.1", "--dry-run");
  assert.deepEqual([look.code, look.out], [
    0,
    "192.0.2.1: 2 tags and 0 waiting messages would be removed\n",
  ]);
  assert.equal(tags(), 3);
  const { code, out, err } = await attackers("forget", "192.0.2.1", "a2", "nobody");
  assert.equal(code, 1);
  assert.match(out, /^192\.0\.2\.1: 2 tags .* removed\na2: 1 tag .* removed\n$/);
  assert.match(err, /nothing is known of nobody/);
  assert.equal(tags(), 0);
  assert.ok(!(await attackers("list")).out.includes("192.0.2.1"));
});

Deno.test("what was learned and forgotten is told to scripts", async () => {
  using dir = directoryWith({ "a.txt": `${LINES}broken` });
  const attackers = attackersAt(dir.path);
  const taken = await attackers("import", `${dir.path}/a.txt`, "--json");
  assert.deepEqual([taken.code, JSON.parse(taken.out)], [1, { learned: 4, refused: 1 }]);
  const nothing = {
    ...{ dry_run: false, tags: 0, parked: 0, announcements: 0, dead_letters: 0, intel: 0 },
    attackers: 0,
  };
  const forget = async (...args: readonly string[]) => {
    const { code, out } = await attackers("forget", ...args, "--json");
    return [code, ...out.trim().split("\n").map((line) => JSON.parse(line))];
  };
  const a1 = { ...nothing, attacker: "192.0.2.1", attackers: 1 };
  assert.deepEqual(await forget("192.0.2.1", "--dry-run"), [0, { ...a1, dry_run: true }]);
  assert.deepEqual(await forget("192.0.2.1", "nobody"), [
    1,
    a1,
    { ...nothing, attacker: "nobody" },
  ]);
});

Deno.test("looking at attackers and forgetting them makes no database", async () => {
  using dir = directoryWith({});
  const attackers = attackersAt(dir.path);
  for (const args of [["list"], ["forget", "a1"]]) {
    const { code, err } = await attackers(...args);
    assert.equal(code, 4);
    assert.match(err, /^error: there is no database .*ttp\.db; check the path\n$/);
  }
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
});
