/** What the loss of a message on a subject costs. */
export type DeliveryNeed = "at_least_once" | "best_effort";

/** One subject that the worker listens on. */
export interface SubscribedSubject {
  /** A subject, or a pattern with NATS wildcards, without the deployment's prefix. */
  readonly subject: string;
  /** Kind of tagger event that a message becomes; `by_type` where the envelope's `type` decides. */
  readonly sourceKind: string;
  readonly delivery: DeliveryNeed;
}

/** Every subject that events arrive on; the one place that names them. */
export const SUBSCRIBED_SUBJECTS: readonly SubscribedSubject[] = [
  { subject: "attacker.session.ended", sourceKind: "session", delivery: "at_least_once" },
  { subject: "attacker.observed", sourceKind: "session", delivery: "best_effort" },
  { subject: "attacker.intel.enriched", sourceKind: "intel", delivery: "best_effort" },
  { subject: "attacker.fingerprinted", sourceKind: "by_type", delivery: "best_effort" },
  { subject: "identity.formed", sourceKind: "identity", delivery: "best_effort" },
  { subject: "identity.merged", sourceKind: "identity", delivery: "best_effort" },
  { subject: "credential.reuse.detected", sourceKind: "credential", delivery: "best_effort" },
  { subject: "email.received", sourceKind: "email", delivery: "at_least_once" },
  { subject: "canary.>", sourceKind: "canary_fingerprint", delivery: "at_least_once" },
];

/** Orders to the worker. */
export const CONTROL = "system.ttp.control";
/** Changes of rule states, made by any host. */
export const RULE_STATES = "ttp.rule.state.>";
/** Subjects that steer the worker instead of being tagged. */
export const CONTROL_SUBJECTS: readonly string[] = [CONTROL, RULE_STATES];

/** Heartbeats of the worker. */
export const HEALTH = "system.ttp.health";
/** An event wrote new tags. */
export const TTP_TAGGED = "ttp.tagged";
/** A match was not written, or not announced. */
export const TTP_RULE_SUPPRESSED = "ttp.rule.suppressed";

/** Envelope types: the subject without its first token. */
export const HEALTH_TYPE = "ttp.health";
/** Everything that is announced stands below this. */
export const ANNOUNCED_PREFIX = "ttp.";
/** Type of {@linkcode TTP_TAGGED}. */
export const TAGGED_TYPE = "tagged";
/** Type of what {@linkcode ruleFiredSubject} names. */
export const RULE_FIRED_TYPE = "rule.fired";
/** Type of {@linkcode TTP_RULE_SUPPRESSED}. */
export const SUPPRESSED_TYPE = "rule.suppressed";
/** Type of what {@linkcode ruleReloadedSubject} names. */
export const RULE_RELOADED_TYPE = "rule.reloaded";
/** Type of what {@linkcode ruleStateSubject} names. */
export const RULE_STATE_TYPE = "rule.state";

/** A text cannot be a subject, a pattern of subjects, or a part of one. */
export class SubjectError extends Error {
  override readonly name = "SubjectError";
}

/**
 * Subject that tells of tags for one technique.
 *
 * @param techniqueId parent technique, e.g. `T1059`
 * @throws {SubjectError} when it cannot be one token of a subject
 */
export function ruleFiredSubject(techniqueId: string): string {
  return `ttp.rule.fired.${checkedToken(techniqueId)}`;
}

/**
 * Subject that tells of a change to a rule's definition.
 *
 * @param ruleId e.g. `R0015`
 * @throws {SubjectError} when it cannot be one token of a subject
 */
export function ruleReloadedSubject(ruleId: string): string {
  return `ttp.rule.reloaded.${checkedToken(ruleId)}`;
}

/**
 * Subject that tells of a change to a rule's state.
 *
 * @param ruleId e.g. `R0015`
 * @throws {SubjectError} when it cannot be one token of a subject
 */
export function ruleStateSubject(ruleId: string): string {
  return `ttp.rule.state.${checkedToken(ruleId)}`;
}

// What would split a token, widen it, end a line of the protocol, or not survive UTF-8.
const NOT_IN_A_TOKEN_REGEXP = /[.*>\s\p{Cc}\p{Cs}]/u;

function isToken(text: string): boolean {
  return text !== "" && !NOT_IN_A_TOKEN_REGEXP.test(text);
}

function checkedToken(text: string): string {
  if (isToken(text)) return text;
  throw new SubjectError(
    `cannot make a subject with ${JSON.stringify(text)}: a token is not empty ` +
      'and holds no ".", "*", ">", white space or control character',
  );
}

/**
 * Makes sure that a text can be subscribed to: tokens between dots, `*` for any
 * one token, `>` as the last for one or more.
 *
 * @returns the text itself
 * @throws {SubjectError} when it is not a subject or pattern
 */
export function checkedPattern(pattern: string): string {
  const tokens = pattern.split(".");
  const legal = tokens.every((token, index) =>
    isToken(token) || token === "*" || (token === ">" && index === tokens.length - 1)
  );
  if (legal) return pattern;
  throw new SubjectError(
    `cannot subscribe to ${JSON.stringify(pattern)}: a subject is tokens joined by ".", ` +
      '"*" stands for one whole token and ">" for the rest',
  );
}

/**
 * Makes sure that a text can be published to: tokens between dots, no wildcards.
 *
 * @returns the text itself
 * @throws {SubjectError} when it is not a subject
 */
export function checkedSubject(subject: string): string {
  if (subject.split(".").every(isToken)) return subject;
  throw new SubjectError(
    `cannot publish to ${JSON.stringify(subject)}: a subject is tokens joined by ".", ` +
      "without wildcards, white space or control characters",
  );
}

/**
 * Tells whether a subject falls under a pattern. `a.>` covers `a.b` and `a.b.c`, not `a`.
 *
 * @param pattern subject with or without wildcards
 * @param subject subject of a message
 */
export function subjectMatches(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const wanted = pattern.split(".");
  const tokens = subject.split(".");
  for (let index = 0; index < wanted.length; index++) {
    if (wanted[index] === ">" && index === wanted.length - 1) return tokens.length > index;
    if (index >= tokens.length) return false;
    if (wanted[index] !== "*" && wanted[index] !== tokens[index]) return false;
  }
  return tokens.length === wanted.length;
}

/**
 * Puts a subject under the deployment's prefix, for servers that several deployments share.
 *
 * @param prefix empty for none
 */
export function withPrefix(prefix: string, subject: string): string {
  return prefix === "" ? subject : `${prefix}.${subject}`;
}

/**
 * Takes the prefix off again.
 *
 * @param prefix empty for none
 * @returns the subject as it is when it does not stand under the prefix
 */
export function withoutPrefix(prefix: string, subject: string): string {
  if (prefix === "" || !subject.startsWith(`${prefix}.`)) return subject;
  return subject.slice(prefix.length + 1);
}
