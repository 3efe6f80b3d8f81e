/** Groups of texts that are kept in mind; a power of two. */
const GROUPS = 4_096;

/** Texts of a group; the one asked about longest ago makes room. */
const GROUP_SIZE = 4;

/** Characters of a text that tell it from others, besides its length. */
const SAMPLES = 12;

/**
 * Tells whether a text has been asked about not long ago, in 64 KiB and without
 * keeping it: by a few of its characters. So it may say so of one that is like
 * another, and in time forgets each.
 */
export class RecentTexts {
  readonly #fingerprints = new Int32Array(GROUPS * GROUP_SIZE);

  /** Whether the text was asked about before; from now on it was. */
  has(text: string): boolean {
    const fingerprints = this.#fingerprints;
    const fingerprint = fingerprintOf(text);
    const first = ((fingerprint ^ fingerprint >>> 16) & GROUPS - 1) * GROUP_SIZE;
    for (let at = first; at < first + GROUP_SIZE; at++) {
      if (fingerprints[at] === fingerprint) return true;
    }
    for (let at = first + GROUP_SIZE - 1; at > first; at--) {
      fingerprints[at] = fingerprints[at - 1]!;
    }
    fingerprints[first] = fingerprint;
    return false;
  }
}

/** Mixes characters from all over the text; of a short one, all. */
function fingerprintOf(text: string): number {
  const { length } = text;
  let mixed = length + 1;
  const step = Math.max(1, Math.floor(length / SAMPLES));
  for (let at = length - 1; at >= 0; at -= step) {
    mixed = Math.imul(mixed, 0x01000193) ^ text.charCodeAt(at);
  }
  return mixed;
}
