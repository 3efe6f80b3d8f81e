/** Bytes of the two copies of the header, https://sqlite.org/walformat.html section 2.1. */
const HEADER_BYTES = 96;

/** The index grows by this at a time, and is never shorter while it is in use. */
const SEGMENT_BYTES = 32 * 1024;

/**
 * The index of the write-ahead log (`-shm`), which every connection maps into memory. A
 * file that was cut under a mapping ends the process at the next access (SIGBUS), so that
 * it must be made whole before anything is read.
 *
 * The file stays open as long as the connection does: closing it would drop the locks
 * that SQLite holds on it (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
export class WalIndex implements Disposable {
  readonly #file: Deno.FsFile;
  #bytes = SEGMENT_BYTES;

  /**
   * @param path of the index
   * @throws {Error} when it cannot be opened
   */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { read: true, write: true });
  }

  /**
   * Makes a file whole that is shorter than it was. What was cut reads as zeros, which no
   * header is: SQLite makes the index anew from the log.
   *
   * @param size its size now, in bytes
   * @returns whether it was shorter
   */
  restore(size: number): boolean {
    if (size < this.#bytes) {
      this.#file.truncateSync(this.#bytes);
      this.invalidate();
      return true;
    }
    this.#bytes = size;
    return false;
  }

  /** Makes SQLite read the log and make the index anew. */
  invalidate(): void {
    this.#file.seekSync(0, Deno.SeekMode.Start);
    const zeros = new Uint8Array(HEADER_BYTES);
    for (let sent = 0; sent < zeros.length;) sent += this.#file.writeSync(zeros.subarray(sent));
  }

  /** Closes the file; after the connection. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
