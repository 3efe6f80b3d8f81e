import assert from "assert";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import { Store } from "../../lib/store/store.ts";
import type { Tag } from "../../lib/tagging/tag.ts";
import { directoryWith, runCaptured } from "../cli/captured_run.ts";

/** What a hostile attacker would type to reach the reader of an export. */
export const HOSTILE = `=cmd|' /C calc'!A1","x\r\n\x1b[2J\u202e<script>`;

const attack = loadEmbeddedAttack();
let count = 0;

/** A tag of T1548.001 by one attacker; what matters to a test can be given. */
export function exportTag(more: Partial<Tag> = {}): Tag {
  count += 1;
  return {
    uuid: `00000000-0000-5000-8000-${String(count).padStart(12, "0")}`,
    sourceKind: "command",
    sourceId: `${HOSTILE}#${count}`,
    attackerUuid: "a1",
    sessionId: "s1",
    deckyId: "web-01",
    tactic: "TA0004",
    techniqueId: "T1548",
    subTechniqueId: "T1548.001",
    confidence: 0.95,
    ruleId: "R0015",
    ruleVersion: 1,
    evidence: { matched: HOSTILE },
    attackRelease: attack.enterprise.release,
    mitreUrl: "https://attack.mitre.org/techniques/T1548/001",
    ...more,
  };
}

/** Tags of an attacker with an address, of one without, of an identity, and of an industrial release. */
export function variousTags(): readonly Tag[] {
  const { subTechniqueId: _, ...parent } = exportTag({ tactic: "TA0007", techniqueId: "T1083" });
  const ics = attack.ics.techniques.find(({ revoked, deprecated }) => !revoked && !deprecated)!;
  const { attackerUuid: _attacker, ...identity } = exportTag({ identityUuid: "i1" });
  return [
    exportTag(),
    exportTag({ confidence: 0.4 }),
    parent,
    exportTag({ attackerUuid: "a2", sessionId: "s2" }),
    identity,
    {
      ...parent,
      uuid: "00000000-0000-5000-9000-000000000001",
      sourceId: `${HOSTILE}#ics`,
      attackerUuid: "a6",
      tactic: ics.tactics[0]!,
      techniqueId: ics.id,
      attackRelease: attack.ics.release,
      mitreUrl: ics.url,
    },
  ];
}

/** Puts tags into a fresh database and exports them with the program. */
export async function exported(
  tags: readonly Tag[],
  ...args: readonly string[]
): Promise<string> {
  using files = directoryWith({});
  const db = `${files.path}/t.db`;
  {
    using store = Store.open(db);
    const at = new Date("2026-05-02T01:00:00Z");
    store.attackers.learn({ uuid: "a1", ip: "192.0.2.10", at });
    store.attackers.learn({ uuid: "a6", ip: "2001:db8::6", at });
    for (const [index, tag] of tags.entries()) {
      store.tags.insert([tag], new Date(at.getTime() + index * 1000));
    }
  }
  const { code, out, err } = await runCaptured(["export", ...args, "--db", db]);
  assert.equal(code, 0, err);
  assert.equal(err, "");
  return out;
}
