import assert from "assert";
import { after, NOW, Scratch, tag } from "../scratch.ts";

/** Columns of `ttp_tag`, on which others rely. */
const COLUMNS = [
  ...["uuid", "source_kind", "source_id", "attacker_uuid", "attacker_ip", "identity_uuid"],
  ...["session_id", "decky_id", "sensor", "tactic", "technique_id", "sub_technique_id"],
  ...["confidence", "rule_id", "rule_version", "evidence", "attack_release", "mitre_url"],
  ...["observed_at", "created_at"],
];

const FILTERS = [
  ...["attacker_uuid", "attacker_ip", "session_id", "decky_id", "technique_id", "rule_id"]
    .map((column) => `${column} = 'x'`),
  "observed_at >= '2026-01-01'",
  "observed_at BETWEEN '2026-01-01' AND '2026-02-01' ORDER BY observed_at",
  "attacker_uuid = 'x' ORDER BY observed_at DESC",
  "decky_id = 'x' AND observed_at >= '2026-01-01'",
];

Deno.test("the view has the columns that others rely on, in their order", () => {
  using scratch = new Scratch();
  const { tags, database } = scratch.open();
  tags.insert([tag({ attackerIp: "192.0.2.1" })], NOW, { sensor: "host-1" });
  const row = database.prepare("SELECT * FROM ttp_tag").get<Record<string, unknown>>()!;
  assert.deepEqual(Object.keys(row), COLUMNS);
  assert.deepEqual([row["attacker_ip"], row["sensor"]], ["192.0.2.1", "host-1"]);
});

for (const filter of FILTERS) {
  Deno.test(`the view is searched by index for ${filter}, in an empty file and in a full one`, () => {
    using scratch = new Scratch();
    const empty = scratch.open();
    const plan = () => {
      const { database } = scratch.open({ access: "read_only" });
      return database.prepare(`EXPLAIN QUERY PLAN SELECT * FROM ttp_tag WHERE ${filter}`)
        .all<{ detail: string }>().map(({ detail }) => detail);
    };
    const whenEmpty = plan();
    assert.deepEqual(whenEmpty.filter((step) => step.startsWith("SCAN")), []);
    empty.transaction(() => {
      for (let session = 0; session < 300; session++) {
        const of = { sessionId: `s${session}`, deckyId: `d${session % 7}` };
        empty.tags.insert(
          Array.from({ length: 4 }, () => tag({ attackerUuid: `a${session % 50}`, ...of })),
          after(session),
        );
      }
    });
    assert.deepEqual(plan(), whenEmpty, "plans do not change with the contents");
  });
}
