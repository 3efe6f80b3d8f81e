import * as v from "valibot";

/** A technique that an intelligence provider's signal speaks for. */
export interface IntelTechnique {
  /** Technique or sub-technique id. */
  readonly technique_id: string;
  /** Lowest score of the provider, from 0 to 100, from which the signal speaks for it. */
  readonly min_score?: number;
  /** Factor on the rule's confidence, from 0 to 1; 1 when absent. */
  readonly multiplier?: number;
}

/** One category, tag or type of a provider. */
export interface IntelSignal {
  /** As the provider writes it; numbers as text. */
  readonly id: string;
  /** Name of the signal, for evidence. */
  readonly label: string;
  /** The provider's own description of the signal. */
  readonly url?: string;
  /** Empty for a signal that deliberately means nothing. */
  readonly techniques: readonly IntelTechnique[];
}

/** What one provider's signals mean in ATT&CK, from `rules/intel/<provider>.yaml`. */
export interface IntelTable {
  /** Who says so, e.g. `abuseipdb`. */
  readonly provider: string;
  /** Version of the table. */
  readonly mapping_version: string;
  /** What the provider says and what it means. */
  readonly signals: readonly IntelSignal[];
}

const words = (what: string) =>
  v.pipe(
    v.union([v.string(), v.number()], `must be ${what}`),
    v.transform(String),
    v.nonEmpty("must not be empty"),
    v.maxLength(256, "must have at most 256 characters"),
  );

const fraction = (top: number) => {
  const message = `must be a number from 0 to ${top}`;
  return v.pipe(v.number(message), v.minValue(0, message), v.maxValue(top, message));
};

const technique = v.strictObject({
  technique_id: v.pipe(
    v.string("must be a technique id"),
    v.regex(/^T\d{4}(?:\.\d{3})?$/, "must be a technique id like T1110 or T1110.001"),
  ),
  min_score: v.exactOptional(fraction(100)),
  multiplier: v.exactOptional(fraction(1)),
}, "must be an object with technique_id");

const signal = v.strictObject({
  id: words("the id of a signal"),
  label: words("a label"),
  url: v.exactOptional(v.pipe(v.string("must be a URL"), v.url("must be a URL"))),
  techniques: v.pipe(
    v.array(technique, "must be a list of techniques"),
    v.maxLength(64, "must have at most 64 entries"),
  ),
}, "must be an object with id, label and techniques");

/** Schema of an intel table's document. */
export const IntelTableSchema = v.object({
  provider: v.pipe(
    v.string("must be the name of a provider"),
    v.regex(/^[a-z0-9_]{1,64}$/, "must be lower-case letters, digits and _"),
  ),
  mapping_version: words("a version"),
  signals: v.pipe(
    v.array(signal, "must be a list of signals"),
    v.minLength(1, "must have at least one entry"),
    v.maxLength(4096, "must have at most 4096 entries"),
  ),
}, "must be an object with provider, mapping_version and signals");
