/** Of the two halves of a hash, what is kept of the upper one: a whole hash is a positive integer of SQLite in six bytes. */
const UPPER_BITS = 0x7fff;

/**
 * Turns the id of a source, attacker, identity, session or decky into a number
 * of 47 bits, by which an index finds it in a third of the room of its text.
 * Known to SQL as `name_hash()`. Two names may have the same number, so whoever
 * finds something by it compares the names too. It never changes: it is part of
 * the files.
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
