import { DEFAULT_EVENT_LIMITS, type EventLimits } from "../../worker/pipeline/event_tagging.ts";
import { countSetting } from "./kinds.ts";

/** How much one event may cause. */
export const EVENT_LIMIT_SETTINGS = {
  eventChildren: countSetting({
    flag: "--event-children <count>",
    env: "DECNET_TTP_EVENT_CHILDREN",
    description: "commands, requests, logins and payloads that are labelled of one session",
    fallback: DEFAULT_EVENT_LIMITS.maxChildren,
  }),
  eventTags: countSetting({
    flag: "--event-tags <count>",
    env: "DECNET_TTP_EVENT_TAGS",
    description: "tags of them that are written; what is beyond is counted and logged",
    fallback: DEFAULT_EVENT_LIMITS.maxTags,
  }),
};

/** The limits that settings ask for. */
export function eventLimitsOf(
  { eventChildren, eventTags }: {
    readonly eventChildren: number | undefined;
    readonly eventTags: number | undefined;
  },
): EventLimits {
  return {
    maxChildren: eventChildren ?? DEFAULT_EVENT_LIMITS.maxChildren,
    maxTags: eventTags ?? DEFAULT_EVENT_LIMITS.maxTags,
  };
}
