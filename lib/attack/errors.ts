/**
 * A bundle of ATT&CK data cannot be used: wrong hash, cut short, no STIX
 * bundle, or without what a matrix needs.
 */
export class AttackBundleError extends Error {
  /** Tells it from other errors. */
  override readonly name = "AttackBundleError";
}
