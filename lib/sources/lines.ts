/** One line of a text, or the fact that it was too long to be kept. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line break; empty when it was too long. */
  readonly text: string;
  /** It had more bytes than a line may have and was skipped. */
  readonly tooLong: boolean;
  /** Where it begins, in bytes from the beginning of the stream. */
  readonly start: number;
  /** Where the next one begins. */
  readonly end: number;
  /** Whether a line break ends it; the last line of a file that is still written has none. */
  readonly complete: boolean;
}

/** A place between two lines of a text. */
export interface Place {
  /** Bytes before it. */
  readonly offset: number;
  /** Lines before it. */
  readonly lines: number;
}

/** Where a text begins. */
export const BEGINNING: Place = { offset: 0, lines: 0 };

/** Where reading goes on after a line: behind it, or before it when it may not be written in full yet. */
export function placeAfter({ start, end, number, complete }: Line): Place {
  return complete ? { offset: end, lines: number } : { offset: start, lines: number - 1 };
}

/** Longest line that is kept, in bytes: as large as the largest message of the bus. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Reads lines of UTF-8 in bounded memory, whatever their length. Bytes that are
 * not UTF-8 become U+FFFD; a carriage return before the line feed is dropped.
 *
 * @param bytes a stream, e.g. of a file
 * @param maxBytes longest line that is kept
 * @param from where in the text the stream begins
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number = MAX_LINE_BYTES,
  from: Place = BEGINNING,
): AsyncGenerator<Line> {
  const pending = new PendingLine(maxBytes, from);
  for await (const chunk of bytes) {
    let start = 0;
    while (true) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end < 0) break;
      pending.add(chunk.subarray(start, end));
      yield pending.take(true);
      start = end + 1;
    }
    pending.add(chunk.subarray(start));
  }
  if (pending.begun) yield pending.take(false);
}

/** Pieces of the line that is being read. */
class PendingLine {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder();
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #number: number;
  #start: number;

  constructor(maxBytes: number, from: Place) {
    this.#maxBytes = maxBytes;
    this.#start = from.offset;
    this.#number = from.lines;
  }

  get begun(): boolean {
    return this.#bytes > 0;
  }

  add(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#maxBytes) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  take(complete: boolean): Line {
    const tooLong = this.#bytes > this.#maxBytes;
    let text = "";
    for (const piece of this.#pieces) text += this.#decoder.decode(piece, { stream: true });
    text += this.#decoder.decode();
    const start = this.#start;
    const end = start + this.#bytes + (complete ? 1 : 0);
    this.#start = end;
    this.#pieces = [];
    this.#bytes = 0;
    this.#number += 1;
    return { number: this.#number, text: text.replace(/\r$/, ""), tooLong, start, end, complete };
  }
}
