/** How often an encoding inside an encoding is resolved: servers behind proxies decode once each. */
const MAX_ROUNDS = 3;

const ESCAPE_RUN_REGEXP = /(?:%[0-9a-f]{2})+/gi;

/** `%u0027` of Microsoft's servers. */
const UNICODE_ESCAPE_REGEXP = /%u([0-9a-f]{4})/gi;

const DECODER = new TextDecoder();

/**
 * A text as the last of several careless servers would read it: percent-encodings
 * resolved until nothing changes, at most three times. Bytes are UTF-8, overlong
 * forms of ASCII included, which filters do not recognise and old servers accept;
 * what is no UTF-8 becomes U+FFFD. Time is linear in the text.
 */
export function percentDecodedFully(text: string): string {
  let decoded = text;
  for (let round = 0; round < MAX_ROUNDS && decoded.includes("%"); round++) {
    const before = decoded;
    decoded = decodedOnce(before);
    if (decoded === before) break;
  }
  return decoded;
}

/** The same for what forms and query strings hold, in which `+` is a blank. */
export function formDecodedFully(text: string): string {
  return percentDecodedFully(text.includes("+") ? text.replaceAll("+", " ") : text);
}

function decodedOnce(text: string): string {
  return text
    .replace(ESCAPE_RUN_REGEXP, decodedRun)
    .replace(UNICODE_ESCAPE_REGEXP, (_, digits: string) => characterOf(digits));
}

function characterOf(digits: string): string {
  return String.fromCharCode(parseInt(digits, 16));
}

function decodedRun(run: string): string {
  if (run.length === 3) {
    const byte = parseInt(run.slice(1), 16);
    return byte < 0x80 ? String.fromCharCode(byte) : "\ufffd";
  }
  const bytes = new Uint8Array(run.length / 3);
  let length = 0;
  for (let at = 1; at < run.length; at += 3) {
    const byte = parseInt(run.slice(at, at + 2), 16);
    const lead = bytes[length - 1];
    if ((lead === 0xc0 || lead === 0xc1) && (byte & 0xc0) === 0x80) {
      bytes[length - 1] = (lead & 1) << 6 | byte & 0x3f;
    } else bytes[length++] = byte;
  }
  return DECODER.decode(bytes.subarray(0, length));
}
