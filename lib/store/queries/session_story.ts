import type { Store } from "../store.ts";
import type { StoredTag } from "../tags/tag_row.ts";
import type { TagFilter } from "./tag_filter.ts";
import { listTags } from "./tag_list.ts";

/** One thing that happened in a session, with what it was labelled as. */
export interface StoryStep {
  readonly sourceKind: string;
  readonly sourceId: string;
  /** UTC, ISO 8601. */
  readonly observedAt: string;
  /** The command, request or login, cut; absent where the event has none. */
  readonly text?: string;
  /** Directory in which a command was typed, where the decky says it. */
  readonly directory?: string;
  /** Its tags, at least one. */
  readonly tags: readonly StoredTag[];
}

/**
 * What happened in a session, in order: every command, login and request that has
 * a tag.
 *
 * @param filter which tags are meant besides
 * @param limit at most so many tags
 */
export function sessionStory(
  store: Store,
  sessionId: string,
  filter: TagFilter,
  limit: number,
): readonly StoryStep[] {
  const steps: (Omit<StoryStep, "tags"> & { readonly tags: StoredTag[] })[] = [];
  for (const tag of listTags(store, { ...filter, sessionId }, { limit })) {
    const last = steps.at(-1);
    if (last?.sourceId === tag.sourceId && last.sourceKind === tag.sourceKind) {
      last.tags.push(tag);
      continue;
    }
    const { sourceKind, sourceId, observedAt } = tag;
    const text = tag.text ?? matchedText(tag);
    const directory = tag.evidence["pwd"];
    steps.push({
      ...{ sourceKind, sourceId, observedAt, tags: [tag] },
      ...(text !== undefined && { text }),
      ...(typeof directory === "string" && { directory }),
    });
  }
  return steps;
}

/** Tags of older files have no text of their event; what matched is a part of it. */
function matchedText({ evidence }: StoredTag): string | undefined {
  const { matched } = evidence;
  return typeof matched === "string" ? matched : undefined;
}
