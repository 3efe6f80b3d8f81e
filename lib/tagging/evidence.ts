import type { SourceKind } from "../rules/source_kind.ts";
import type { Payload } from "./event.ts";
import { contractOf, isSecretField } from "./evidence_contract.ts";
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
 * @param copied takes them
 * @returns the same
 */
export function copyEvidence(
  kind: SourceKind,
  payload: Payload,
  fields: readonly string[],
  copied: Record<string, unknown> = {},
): Record<string, unknown> {
  const { shapes, copied: allowed } = contractOf(kind);
  for (const field of fields) {
    if (!Object.hasOwn(payload, field)) continue;
    if (allowed === "any" ? isSecretField(kind, field) : !allowed.includes(field)) continue;
    const shape = Object.hasOwn(shapes, field) ? shapes[field]! : bounded;
    const value = shape(payload[field]);
    if (value !== undefined) define(copied, field, value);
  }
  return copied;
}

/**
 * Holds evidence to the contract of its kind: other keys, values of another
 * shape and whatever does not fit into 8 KiB are taken out.
 *
 * @param ruleFields the rule's `evidence_fields`, which kinds without secrets to keep allow besides their own keys
 * @param kept what `copyEvidence()` has copied; the rest is added to it, and counts where both have a key
 */
export function restrictEvidence(
  kind: SourceKind,
  evidence: Evidence,
  ruleFields: readonly string[],
  kept: Record<string, unknown> = {},
): RestrictedEvidence {
  const { shapes, copied } = contractOf(kind);
  const dropped: string[] = [];
  for (const key of Object.keys(evidence)) {
    const shape = Object.hasOwn(shapes, key)
      ? shapes[key]!
      : copied === "any" && ruleFields.includes(key) && !isSecretField(kind, key)
      ? bounded
      : undefined;
    const fit = shape?.(evidence[key]);
    if (fit !== undefined) {
      define(kept, key, fit);
    } else {
      dropped.push(key);
      delete kept[key];
    }
  }
  if (!surelyFits(kept)) dropLargest(kept, dropped);
  return { evidence: kept, dropped };
}

/** Most bytes that one UTF-16 unit takes in JSON: an escape such as `\u0000`. */
const MAX_UNIT_BYTES = 6;

/** More than the quotes, colon and comma of a pair, or a number, take. */
const PAIR_BYTES = 32;

/** Whether that can be told without writing the JSON, as of most evidence. */
function surelyFits(evidence: Record<string, unknown>): boolean {
  let most = PAIR_BYTES;
  for (const key of Object.keys(evidence)) {
    const value = evidence[key];
    if (typeof value === "object") return false;
    const length = typeof value === "string" ? key.length + value.length : key.length;
    most += PAIR_BYTES + length * MAX_UNIT_BYTES;
  }
  return most <= MAX_EVIDENCE_BYTES;
}

/** Takes the largest values out until the rest fits. */
function dropLargest(evidence: Record<string, unknown>, dropped: string[]): void {
  const whole = JSON.stringify(evidence);
  if (byteLength(whole) <= MAX_EVIDENCE_BYTES) return;
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
