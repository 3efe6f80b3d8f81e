import type { Attack } from "../attack/matrix.ts";
import type { StoredTag } from "../store/tags/tag_row.ts";
import { ownName, tacticOf, techniqueOf } from "./named.ts";

/** Version of the Elastic Common Schema whose fields are used. */
const ECS_VERSION = "9.0.0";

const MITRE = "https://attack.mitre.org";

/** What an export knows besides the tag. */
export interface TagSurroundings {
  /** Address of the attacker. */
  readonly ip?: string;
  /** Name of the sensor. */
  readonly sensor: string;
  /** Name of the rule. */
  readonly ruleName?: string;
  /** Version of this program. */
  readonly version: string;
}

/** One tag as a document of the Elastic Common Schema; what it has no field for is under `decnet`. */
export function ecsDocument(
  attack: Attack,
  tag: StoredTag,
  { ip, sensor, ruleName, version }: TagSurroundings,
): Readonly<Record<string, unknown>> {
  const tactic = tacticOf(attack, tag);
  const parent = techniqueOf(attack, {
    techniqueId: tag.techniqueId,
    attackRelease: tag.attackRelease,
  });
  return {
    "@timestamp": tag.observedAt,
    ecs: { version: ECS_VERSION },
    event: {
      id: tag.uuid,
      kind: "alert",
      category: ["intrusion_detection"],
      type: ["info"],
      module: "decnet",
      dataset: "decnet.ttp",
      created: tag.createdAt,
    },
    observer: { name: sensor, type: "honeypot", vendor: "DECNET", product: "decnet-ttp", version },
    rule: {
      id: tag.ruleId,
      version: String(tag.ruleVersion),
      ...(ruleName !== undefined && { name: ruleName }),
    },
    threat: {
      framework: "MITRE ATT&CK",
      tactic: {
        id: [tag.tactic],
        name: tactic === undefined ? [] : [tactic.name],
        reference: [tactic?.url ?? `${MITRE}/tactics/${tag.tactic}`],
      },
      technique: {
        id: [tag.techniqueId],
        name: parent === undefined ? [] : [parent.name],
        reference: [parent?.url ?? `${MITRE}/techniques/${tag.techniqueId}`],
        ...(tag.subTechniqueId !== undefined && {
          subtechnique: {
            id: [tag.subTechniqueId],
            name: [ownName(attack, tag)],
            reference: [tag.mitreUrl],
          },
        }),
      },
    },
    ...(ip !== undefined && { source: { ip, address: ip }, related: { ip: [ip] } }),
    decnet: {
      confidence: tag.confidence,
      attack_release: tag.attackRelease,
      source_kind: tag.sourceKind,
      source_id: tag.sourceId,
      ...(tag.attackerUuid !== undefined && { attacker_uuid: tag.attackerUuid }),
      ...(tag.identityUuid !== undefined && { identity_uuid: tag.identityUuid }),
      ...(tag.sessionId !== undefined && { session_id: tag.sessionId }),
      ...(tag.deckyId !== undefined && { decky_id: tag.deckyId }),
      // As text: its keys differ from rule to rule, and an index has only so many fields.
      evidence: JSON.stringify(tag.evidence),
    },
  };
}
