/** What of the upper half of a hash is kept, so that it is a safe integer. */
const UPPER_BITS = 0x7fff;

/**
 * Turns a name into a number of 47 bits, by which many are counted in little
 * memory. Two names may have the same number: it serves where a mistake delays
 * something, never where it would lose or mix up something.
 */
export function nameHash(name: string): number {
  let lower = 0x811c9dc5;
  let upper = 0x1b873593;
  const text = name.toWellFormed();
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    lower = Math.imul(lower ^ unit, 0x01000193);
    upper = Math.imul(upper ^ unit, 0x5bd1e995) ^ (lower >>> 15);
  }
  return (upper >>> 7 & UPPER_BITS) * 2 ** 32 + (lower >>> 0);
}
