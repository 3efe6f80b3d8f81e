import { RULE_STATE_TYPE, ruleStateSubject } from "../bus/subjects.ts";
import type { RuleState } from "../rules/state.ts";
import type { RuleStateChange } from "../store/rule_states.ts";
import type { Payload } from "../tagging/event.ts";
import { numberField, textField } from "../tagging/payload.ts";
import type { Announcement } from "./announcements.ts";

/** Longest reason and name that are taken from the bus, in characters. */
const MAX_TEXT = 500;

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
  const expires = textField(payload, "expires_at");
  const expiresAt = expires === undefined ? undefined : new Date(expires);
  if (expiresAt !== undefined && !(expiresAt.getTime() > now)) {
    return "expires_at is no time to come";
  }
  const reason = textField(payload, "reason")?.slice(0, MAX_TEXT);
  const setBy = textField(payload, "set_by")?.slice(0, MAX_TEXT);
  return {
    state,
    ...(state === "clipped" && max !== undefined && { confidenceMax: max }),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    ...(reason !== undefined && { reason }),
    ...(setBy !== undefined && { setBy }),
  };
}
