/** What the system says of a file without its being opened. */
export interface FileStat {
  /** Which file it is: a path may lead to another one later. */
  readonly id: string;
  /** In bytes. */
  readonly size: number;
  /** When it was written last, in milliseconds since the epoch. */
  readonly writtenAt: number;
}

/**
 * What the system says of the file that a path leads to.
 *
 * @returns nothing when it leads nowhere, or nowhere where this process may go
 */
export function fileStat(path: string): FileStat | undefined {
  try {
    const { dev, ino, size, mtime } = Deno.statSync(path);
    return { id: `${dev} ${ino}`, size, writtenAt: mtime?.getTime() ?? 0 };
  } catch {
    return undefined;
  }
}

/**
 * Which file a path leads to. A database that is open stays the file that it was,
 * even when that one has been moved, removed or replaced.
 *
 * @returns nothing when it leads nowhere, or nowhere where this process may go
 */
export function fileIdentity(path: string): string | undefined {
  return fileStat(path)?.id;
}
