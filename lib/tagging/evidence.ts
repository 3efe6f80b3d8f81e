import type { SourceKind } from "../rules/source_kind.ts";
import type { Payload } from "./event.ts";
import { contractOf, SECRET_FIELDS } from "./evidence_contract.ts";
import { bounded } from "./evidence_shapes.ts";
import type { Evidence } from "./tag.ts";

/** Most bytes of JSON, in UTF-8, that the evidence of one tag takes. */
export const MAX_EVIDENCE_BYTES = 8192;

/** Evidence as it may be stored, and what was taken out of it. */
export interface RestrictedEvidence {
  readonly evidence: Evidence;
  /** Keys that the contract does not have, or whose value did not fit. */
  readonly dropped: readonly string[];
}

/**
 * Copies the payload fields that a rule asks for, as far as the contract of the
 * kind lets a producer's values through.
 *
 * @param fields the rule's `evidence_fields`
 */
export function copyEvidence(
  kind: SourceKind,
  payload: Payload,
  fields: readonly string[],
): Record<string, unknown> {
  const { shapes, copied } = contractOf(kind);
  const evidence: Record<string, unknown> = {};
  for (const field of fields) {
    if (!Object.hasOwn(payload, field)) continue;
    if (copied === "any" ? SECRET_FIELDS.has(field) : !copied.includes(field)) continue;
    const shape = Object.hasOwn(shapes, field) ? shapes[field]! : bounded;
    const value = shape(payload[field]);
    if (value !== undefined) define(evidence, field, value);
  }
  return evidence;
}

/**
 * Holds evidence to the contract of its kind: other keys, values of another
 * shape and whatever does not fit into 8 KiB are taken out.
 *
 * @param ruleFields the rule's `evidence_fields`, which kinds without secrets to keep allow besides their own keys
 */
export function restrictEvidence(
  kind: SourceKind,
  evidence: Evidence,
  ruleFields: readonly string[],
): RestrictedEvidence {
  const { shapes, copied } = contractOf(kind);
  const kept: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [key, value] of Object.entries(evidence)) {
    const shape = Object.hasOwn(shapes, key)
      ? shapes[key]!
      : copied === "any" && ruleFields.includes(key) && !SECRET_FIELDS.has(key)
      ? bounded
      : undefined;
    const fit = shape?.(value);
    if (fit === undefined) dropped.push(key);
    else define(kept, key, fit);
  }
  dropLargest(kept, dropped);
  return { evidence: kept, dropped };
}

/** Takes the largest values out until the rest fits. */
function dropLargest(evidence: Record<string, unknown>, dropped: string[]): void {
  const whole = JSON.stringify(evidence);
  // No UTF-16 unit takes more than three bytes, so that a short text need not be encoded to be sure.
  if (whole.length * 3 <= MAX_EVIDENCE_BYTES || byteLength(whole) <= MAX_EVIDENCE_BYTES) return;
  const sizes = Object.entries(evidence)
    // The comma and the colon that the pair takes, and its quotes, are in its own JSON.
    .map(([key, value]) => ({ key, bytes: byteLength(JSON.stringify({ [key]: value })) - 1 }))
    .sort((a, b) => b.bytes - a.bytes);
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 1);
  for (const { key, bytes } of sizes) {
    if (total <= MAX_EVIDENCE_BYTES) return;
    delete evidence[key];
    dropped.push(key);
    total -= bytes;
  }
}

const ENCODER = new TextEncoder();

function byteLength(text: string): number {
  return ENCODER.encode(text).length;
}

/** Sets an own property even where the name is `__proto__`: field names come from outside. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") {
    // Several times faster, and the same for any other name.
    target[key] = value;
    return;
  }
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
