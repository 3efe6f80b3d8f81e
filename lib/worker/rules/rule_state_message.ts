import { RULE_STATE_TYPE, ruleStateSubject } from "../../bus/subjects.ts";
import type { RuleState } from "../../rules/state.ts";
import type { RuleStateChange } from "../../store/rules/rule_states.ts";
import type { Payload } from "../../tagging/event.ts";
import { numberField, textField } from "../../tagging/payload.ts";
import type { Announcement } from "../outbox/announcements.ts";

/** Longest reason and name that are taken from the bus, in characters. */
const MAX_TEXT = 500;

/** Stands before the name of who has set a state over the bus. */
const FROM_BUS = "bus:";

/** Whether a state was taken from the bus. */
export function isFromBus({ setBy }: RuleState): boolean {
  return setBy?.startsWith(FROM_BUS) === true;
}

/**
 * Who has set a state that is taken from the bus.
 *
 * @param name as the message says it
 */
export function setOverBus(name: string | undefined): string {
  return `${FROM_BUS}${name ?? "unnamed"}`;
}

/** Tells the others what became of a rule's state here. */
export function stateAnnouncement(change: RuleStateChange): Announcement {
  const { ruleId, state, confidenceMax, expiresAt, reason, setBy } = change;
  const over = change.change !== "set";
  return {
    subject: ruleStateSubject(ruleId),
    type: RULE_STATE_TYPE,
    payload: {
      rule_id: ruleId,
      state: over ? "enabled" : state,
      confidence_max: over ? null : confidenceMax ?? null,
      expires_at: over ? null : expiresAt ?? null,
      reason: over ? change.change : reason ?? null,
      set_by: setBy ?? null,
    },
  };
}

/**
 * Reads the state that another host has set.
 *
 * @returns the state, or a sentence that says what is wrong with the message
 */
export function stateFromMessage(payload: Payload, now: number): RuleState | string {
  const state = textField(payload, "state");
  if (state !== "enabled" && state !== "disabled" && state !== "clipped") {
    return "state is none of enabled, disabled, clipped";
  }
  const max = numberField(payload, "confidence_max");
  if (state === "clipped" && !(max !== undefined && max >= 0 && max <= 1)) {
    return "confidence_max of a clipped rule is not a number from 0 to 1";
  }
  const expiresAt = expiryOf(payload, now);
  if (expiresAt === null) return "expires_at is no time to come";
  const reason = plainText(payload, "reason");
  return {
    state,
    ...(state === "clipped" && max !== undefined && { confidenceMax: max }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(reason !== undefined && { reason }),
    setBy: setOverBus(plainText(payload, "set_by")),
  };
}

/**
 * When the state runs out, in UTC. What is there and cannot be meant is a fault:
 * a state that was to end must not last for ever.
 *
 * @returns nothing when it does not, null when that cannot be meant
 */
function expiryOf({ expires_at: said }: Payload, now: number): string | undefined | null {
  if (said === undefined || said === null) return undefined;
  const time = typeof said === "string" ? Date.parse(said) : Number.NaN;
  return time > now && time <= LAST_TIME_MS ? new Date(time).toISOString() : null;
}

/** The last time whose year has four digits. */
const LAST_TIME_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** What others wrote, short and on one line. */
function plainText(payload: Payload, field: string): string | undefined {
  return textField(payload, field)?.slice(0, MAX_TEXT).replace(/[\p{Cc}\p{Cs}]/gu, " ");
}
