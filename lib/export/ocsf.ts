import type { Attack } from "../attack/matrix.ts";
import type { StoredTag } from "../store/tags/tag_row.ts";
import type { TagSurroundings } from "./ecs.ts";
import { ownName, releaseVersion, tacticOf, techniqueOf } from "./named.ts";

/** Version of the Open Cybersecurity Schema Framework whose classes are used. */
const OCSF_VERSION = "1.5.0";

const FINDINGS = { uid: 2, name: "Findings" };
const DETECTION_FINDING = { uid: 2004, name: "Detection Finding" };
const CREATE = { id: 1, name: "Create" };

/** One tag as an event of the class Detection Finding. */
export function ocsfFinding(
  attack: Attack,
  tag: StoredTag,
  { ip, sensor, ruleName, version }: TagSurroundings,
): Readonly<Record<string, unknown>> {
  const time = Date.parse(tag.observedAt);
  const name = techniqueOf(attack, tag)?.name ?? tag.subTechniqueId ?? tag.techniqueId;
  return {
    activity_id: CREATE.id,
    activity_name: CREATE.name,
    category_uid: FINDINGS.uid,
    category_name: FINDINGS.name,
    class_uid: DETECTION_FINDING.uid,
    class_name: DETECTION_FINDING.name,
    type_uid: DETECTION_FINDING.uid * 100 + CREATE.id,
    type_name: `${DETECTION_FINDING.name}: ${CREATE.name}`,
    time,
    // How bad it is for whom is not for a sensor to say; how sure it is, is.
    severity_id: 0,
    severity: "Unknown",
    ...confidence(tag.confidence),
    status_id: 1,
    status: "New",
    metadata: {
      version: OCSF_VERSION,
      uid: tag.uuid,
      product: { name: "decnet-ttp", vendor_name: "DECNET", version },
    },
    finding_info: {
      uid: tag.uuid,
      title: name,
      created_time: Date.parse(tag.createdAt),
      types: ["Honeypot"],
      analytic: {
        uid: tag.ruleId,
        version: String(tag.ruleVersion),
        type_id: 1,
        type: "Rule",
        ...(ruleName !== undefined && { name: ruleName }),
      },
      attacks: [attackOf(attack, tag)],
    },
    evidences: [{
      ...(ip !== undefined && { src_endpoint: { ip } }),
      data: tag.evidence,
    }],
    ...(tag.deckyId !== undefined && {
      resources: [{ uid: tag.deckyId, type: "Honeypot" }],
    }),
    unmapped: {
      sensor,
      source_kind: tag.sourceKind,
      source_id: tag.sourceId,
      ...(tag.attackerUuid !== undefined && { attacker_uuid: tag.attackerUuid }),
      ...(tag.identityUuid !== undefined && { identity_uuid: tag.identityUuid }),
      ...(tag.sessionId !== undefined && { session_id: tag.sessionId }),
    },
  };
}

function attackOf(attack: Attack, tag: StoredTag): Readonly<Record<string, unknown>> {
  const { techniqueId, subTechniqueId, attackRelease } = tag;
  const tactic = tacticOf(attack, tag);
  const parent = techniqueOf(attack, { techniqueId, attackRelease });
  return {
    version: releaseVersion(attackRelease),
    tactic: {
      uid: tag.tactic,
      ...(tactic !== undefined && { name: tactic.name, src_url: tactic.url }),
    },
    technique: {
      uid: techniqueId,
      ...(parent !== undefined && { name: parent.name, src_url: parent.url }),
    },
    ...(subTechniqueId !== undefined && {
      sub_technique: { uid: subTechniqueId, name: ownName(attack, tag), src_url: tag.mitreUrl },
    }),
  };
}

/** In thirds, as page "Confidence" of the schema leaves it to the producer. */
function confidence(value: number): Readonly<Record<string, unknown>> {
  const [confidence_id, confidence] = value < 0.5 ? [1, "Low"] : value < 0.8 ? [2, "Medium"] : [
    3,
    "High",
  ];
  return { confidence_id, confidence, confidence_score: Math.round(value * 100) };
}
