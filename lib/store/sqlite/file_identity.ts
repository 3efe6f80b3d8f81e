/**
 * Which file a path leads to. A database that is open stays the file that it was,
 * even when that one has been moved, removed or replaced.
 *
 * @returns nothing when it leads nowhere, or nowhere where this process may go
 */
export function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
