import { statfsSync } from "node:fs";

/** Room of a file system, in bytes. */
export interface Room {
  readonly total: number;
  /** For this user. */
  readonly free: number;
}

/**
 * Room where a directory is.
 *
 * @returns nothing when it cannot be told
 */
export function roomAt(directory: string): Room | undefined {
  try {
    const { bsize, blocks, bavail } = statfsSync(directory);
    return { total: bsize * blocks, free: bsize * bavail };
  } catch {
    return undefined;
  }
}
