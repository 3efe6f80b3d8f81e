/** Fewest characters of a line that belongs to an encoded block; shorter ones are words. */
const MIN_LINE = 40;

/** Most of a text that is looked through, in UTF-16 units. */
const MAX_TEXT = 1_048_576;

const ENCODED_REGEXP = /[A-Za-z0-9+/_-]{40,}={0,2}/g;

/**
 * Measures the largest block of base64 in a text. A block may be folded into
 * lines, as mail programs do: full lines of one block follow each other, and
 * the last may be short.
 *
 * @returns how many bytes the block decodes to, 0 when there is none
 */
export function largestBase64Bytes(text: string): number {
  const searched = text.slice(0, MAX_TEXT);
  let largest = 0;
  let characters = 0;
  let blockEnd = -1;
  for (const run of searched.matchAll(ENCODED_REGEXP)) {
    const folded = blockEnd >= 0 && isLineBreak(searched.slice(blockEnd, run.index));
    if (!folded) characters = 0;
    characters += encodedLength(run[0]);
    blockEnd = run.index + run[0].length;
    const tail = /^\r?\n([A-Za-z0-9+/_-]{1,39}={0,2})\r?(?:\n|$)/.exec(
      searched.slice(blockEnd, blockEnd + MIN_LINE + 4),
    );
    largest = Math.max(largest, characters + (tail === null ? 0 : encodedLength(tail[1]!)));
  }
  return Math.floor(largest * 3 / 4);
}

function isLineBreak(between: string): boolean {
  return between === "\n" || between === "\r\n";
}

function encodedLength(run: string): number {
  return run.endsWith("==") ? run.length - 2 : run.endsWith("=") ? run.length - 1 : run.length;
}
