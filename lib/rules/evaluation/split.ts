/** One part of a corpus: four fifths to work on, or the fifth that is measured at the end. */
export type Split = "train" | "test";

/** Every item whose hash is a multiple of it belongs to the test part. */
const PARTS = 5;

/**
 * Tells which part an item belongs to, by a hash of its content alone: the same
 * in every run, whatever file it stands in and whatever stands beside it, so that
 * a line that occurs twice is never in both parts.
 *
 * @param content text of the line, or of all lines of a test
 */
export function splitOf(content: string): Split {
  return mix(fnv1a(content)) % PARTS === 0 ? "test" : "train";
}

/** FNV-1a, 32 bits, over UTF-8. */
function fnv1a(content: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(content)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** The low bits of FNV-1a depend on little of the content: the high ones are folded in. */
function mix(hash: number): number {
  const folded = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (folded ^ (folded >>> 13)) >>> 0;
}
