const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Whether a JSON text has more values than allowed, as far as commas, brackets and
 * braces outside of its strings tell. Nothing is decoded, so that a text of empty
 * objects, whose values take thirty times its size, can be refused before.
 *
 * @param data UTF-8
 */
export function hasMoreValues(data: Uint8Array, allowed: number): boolean {
  let values = 1;
  for (let at = 0; at < data.length; at++) {
    const byte = data[at];
    if (byte === QUOTE) {
      for (at++; at < data.length && data[at] !== QUOTE; at++) if (data[at] === BACKSLASH) at++;
    } else if (byte === COMMA || byte === BRACKET || byte === BRACE) {
      values++;
    }
    if (values > allowed) return true;
  }
  return false;
}
