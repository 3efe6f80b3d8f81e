/** Longest first line of a frame, in bytes, with its line break. */
export const MAX_LINE_BYTES = 4096;

/** Largest body of a frame, in bytes. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** Bytes that say how long a body is. */
const LENGTH_BYTES = 4;

const NEWLINE = 10;

/** One message of the protocol of DECNET's socket. */
export interface Frame {
  /** `HELLO`, `PUB`, `SUB`, `UNSUB`, `EVT` or `BYE`. */
  readonly verb: string;
  /** Topic, pattern or name; empty where the verb has none. */
  readonly argument: string;
  readonly body: Uint8Array;
}

/** What came over the socket is not the protocol; nothing behind it can be read. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("ascii");

/** A line of printable ASCII: a verb and, behind one blank, its argument. */
const LINE_REGEXP = /^([A-Z]{1,16})(?: ([\x21-\x7e]+))?$/;

/**
 * Writes a frame: an ASCII line, four bytes of length, most significant first,
 * and the body.
 *
 * @throws {FrameError} when line or body are larger than the protocol allows, or the line is none
 */
export function encodeFrame({ verb, argument, body }: Frame): Uint8Array {
  const text = argument === "" ? verb : `${verb} ${argument}`;
  if (!LINE_REGEXP.test(text)) throw new FrameError(`${JSON.stringify(text)} cannot be a line`);
  const line = encoder.encode(`${text}\n`);
  if (line.length > MAX_LINE_BYTES) throw new FrameError(`a line of ${line.length} bytes`);
  if (body.length > MAX_FRAME_BYTES) throw new FrameError(`a body of ${body.length} bytes`);
  const frame = new Uint8Array(line.length + LENGTH_BYTES + body.length);
  frame.set(line);
  new DataView(frame.buffer).setUint32(line.length, body.length);
  frame.set(body, line.length + LENGTH_BYTES);
  return frame;
}

/** Reads frames out of bytes as they come, in pieces of any size. */
export class FrameReader {
  #buffer = new Uint8Array(64 * 1024);
  #start = 0;
  #end = 0;

  /**
   * Takes bytes and gives the frames that are whole by now.
   *
   * @throws {FrameError} when they are not the protocol; frames before that have been given
   */
  *read(bytes: Uint8Array): Generator<Frame, void> {
    this.#append(bytes);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  #append(bytes: Uint8Array): void {
    const kept = this.#end - this.#start;
    if (this.#end + bytes.length > this.#buffer.length) {
      const needed = kept + bytes.length;
      const room = needed > this.#buffer.length ? needed * 2 : this.#buffer.length;
      const grown = new Uint8Array(room);
      grown.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = grown;
      this.#start = 0;
      this.#end = kept;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #next(): Frame | undefined {
    const unread = this.#buffer.subarray(this.#start, this.#end);
    const newline = unread.subarray(0, MAX_LINE_BYTES).indexOf(NEWLINE);
    if (newline < 0) {
      if (unread.length < MAX_LINE_BYTES) return undefined;
      throw new FrameError(`its first line has more than ${MAX_LINE_BYTES} bytes`);
    }
    const line = decoder.decode(unread.subarray(0, newline)).replace(/\r$/, "");
    const [, verb, argument = ""] = LINE_REGEXP.exec(line) ?? [];
    if (verb === undefined) throw new FrameError("its first line is not a verb with an argument");
    const bodyAt = newline + 1 + LENGTH_BYTES;
    if (unread.length < bodyAt) return undefined;
    const length = new DataView(unread.buffer, unread.byteOffset).getUint32(newline + 1);
    if (length > MAX_FRAME_BYTES) throw new FrameError(`its body has ${length} bytes`);
    if (unread.length < bodyAt + length) return undefined;
    this.#start += bodyAt + length;
    return { verb, argument, body: unread.slice(bodyAt, bodyAt + length) };
  }
}
