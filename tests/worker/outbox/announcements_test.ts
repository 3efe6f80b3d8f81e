import assert from "assert";
import { announcementsOf } from "../../../lib/worker/outbox/announcements.ts";
import { tagOf } from "./tag_fixture.ts";

Deno.test("announcementsOf() says nothing about nothing", () => {
  assert.deepEqual(announcementsOf([]), []);
});

Deno.test("announcementsOf() tells of all tags at once, then of each parent technique", () => {
  const announcements = announcementsOf([
    tagOf({ uuid: "u1", techniqueId: "T1548", subTechniqueId: "T1548.001" }),
    tagOf({ uuid: "u2", techniqueId: "T1083" }),
    tagOf({ uuid: "u3", techniqueId: "T1548", subTechniqueId: "T1548.003", sourceId: "other" }),
  ]);
  const anchors = { attacker_uuid: "attacker-1", identity_uuid: null, session_id: "session-1" };
  assert.deepEqual(announcements, [
    {
      subject: "ttp.tagged",
      type: "tagged",
      payload: {
        ...anchors,
        tag_uuids: ["u1", "u2", "u3"],
        techniques_added: ["T1083", "T1548"],
      },
    },
    {
      subject: "ttp.rule.fired.T1083",
      type: "rule.fired",
      payload: { technique_id: "T1083", sub_technique_ids: [], tag_uuids: ["u2"], ...anchors },
    },
    {
      subject: "ttp.rule.fired.T1548",
      type: "rule.fired",
      payload: {
        technique_id: "T1548",
        sub_technique_ids: ["T1548.001", "T1548.003"],
        tag_uuids: ["u1", "u3"],
        ...anchors,
      },
    },
  ]);
});

Deno.test("announcementsOf() spreads very many tags over messages that a default server takes", () => {
  const tags = Array.from({ length: 12_000 }, () => tagOf());
  const announcements = announcementsOf(tags);
  for (const { payload } of announcements) {
    assert.ok(JSON.stringify(payload).length < 1024 * 1024 / 2);
  }
  for (const subject of ["ttp.tagged", "ttp.rule.fired.T1105"]) {
    const named = announcements.filter((announcement) => announcement.subject === subject)
      .flatMap(({ payload }) => payload["tag_uuids"] as string[]);
    assert.deepEqual(named, tags.map((tag) => tag.uuid), subject);
  }
});
