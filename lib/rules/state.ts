/** What an operator has set for one rule; layered on the rule, never written in YAML. */
export interface RuleState {
  /** What holds until it expires. */
  readonly state: "enabled" | "disabled" | "clipped";
  /** Highest confidence that a clipped rule emits, from 0 to 1. */
  readonly confidenceMax?: number;
  /** ISO 8601 time from which the state is the default one again. */
  readonly expiresAt?: string;
  /** Why it was set. */
  readonly reason?: string;
  /** Who set it. */
  readonly setBy?: string;
  /** ISO 8601 time. */
  readonly setAt?: string;
}

/** What a rule without a state is in. */
export const DEFAULT_STATE: RuleState = Object.freeze({ state: "enabled" });

/** Whether a state has run out; one whose time cannot be read never does. */
export function isExpired(state: RuleState, nowMs: number): boolean {
  return state.expiresAt !== undefined && Date.parse(state.expiresAt) <= nowMs;
}

/**
 * The state that holds at a moment: an expired one is the default.
 *
 * @param nowMs milliseconds since 1970
 */
export function effectiveState(state: RuleState | undefined, nowMs: number): RuleState {
  return state === undefined || isExpired(state, nowMs) ? DEFAULT_STATE : state;
}

/** Confidence after a state's ceiling: a clipped rule is lowered, never raised. */
export function ceiling(base: number, state: RuleState): number {
  return state.state === "clipped" && state.confidenceMax !== undefined
    ? Math.min(base, state.confidenceMax)
    : base;
}

/**
 * Makes sure that a state can be meant.
 *
 * @throws {RangeError} when its ceiling is no number from 0 to 1, or its end no time that can be compared
 */
export function assertState({ state, confidenceMax, expiresAt }: RuleState): void {
  const ceilingHolds = confidenceMax !== undefined && confidenceMax >= 0 && confidenceMax <= 1;
  if (!ceilingHolds && (confidenceMax !== undefined || state === "clipped")) {
    throw new RangeError(`the ceiling ${confidenceMax} of a rule is no number from 0 to 1`);
  }
  // Ends are compared as texts: one with a year of five digits would sort before today.
  if (expiresAt !== undefined && !isFourDigitTime(expiresAt)) {
    throw new RangeError("the end of a state is no time before the year 10000");
  }
}

function isFourDigitTime(time: string): boolean {
  return /^\d{4}-/.test(time) && !Number.isNaN(Date.parse(time));
}
