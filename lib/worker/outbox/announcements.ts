import { RULE_FIRED_TYPE, ruleFiredSubject, TAGGED_TYPE, TTP_TAGGED } from "../../bus/subjects.ts";
import type { Tag } from "../../tagging/tag.ts";

/** A message that waits in the outbox until the bus has taken it. */
export interface Announcement {
  readonly subject: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Most tags that one message names. A message stays far below the 1 MiB that a
 * NATS server takes by default (a uuid in JSON is 39 bytes).
 */
const MAX_TAGS_PER_MESSAGE = 5000;

/**
 * Says what one bus event added: `ttp.tagged` for all of it, then one
 * `ttp.rule.fired.<technique>` for each parent technique. Very many tags are
 * spread over several messages.
 *
 * @param inserted the tags that the database did not have before; nothing is announced for none
 */
export function announcementsOf(inserted: readonly Tag[]): readonly Announcement[] {
  const announcements: Announcement[] = [];
  for (const tags of chunksOf(inserted)) {
    announcements.push({
      subject: TTP_TAGGED,
      type: TAGGED_TYPE,
      payload: {
        ...anchorsOf(tags),
        tag_uuids: tags.map((tag) => tag.uuid),
        techniques_added: distinct(tags.map((tag) => tag.techniqueId)),
      },
    });
  }
  const byTechnique = Map.groupBy(inserted, (tag) => tag.techniqueId);
  for (const technique of Array.from(byTechnique.keys()).sort()) {
    for (const tags of chunksOf(byTechnique.get(technique)!)) {
      announcements.push({
        subject: ruleFiredSubject(technique),
        type: RULE_FIRED_TYPE,
        payload: {
          technique_id: technique,
          sub_technique_ids: distinct(tags.flatMap((tag) => tag.subTechniqueId ?? [])),
          tag_uuids: tags.map((tag) => tag.uuid),
          ...anchorsOf(tags),
        },
      });
    }
  }
  return announcements;
}

function anchorsOf(tags: readonly Tag[]): Readonly<Record<string, string | null>> {
  let [attacker, identity, session]: (string | undefined)[] = [];
  for (const { attackerUuid, identityUuid, sessionId } of tags) {
    attacker ??= attackerUuid;
    identity ??= identityUuid;
    session ??= sessionId;
  }
  return {
    attacker_uuid: attacker ?? null,
    identity_uuid: identity ?? null,
    session_id: session ?? null,
  };
}

function* chunksOf(tags: readonly Tag[]): Generator<readonly Tag[]> {
  for (let start = 0; start < tags.length; start += MAX_TAGS_PER_MESSAGE) {
    yield tags.slice(start, start + MAX_TAGS_PER_MESSAGE);
  }
}

function distinct(texts: readonly string[]): readonly string[] {
  if (texts.length < 2) return texts;
  return Array.from(new Set(texts)).sort();
}
