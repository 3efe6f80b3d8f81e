/** A condition that does not hold after this long never will, in milliseconds. */
const TIMEOUT_MS = 20_000;

/** Between two looks, in milliseconds. */
const LOOK_MS = 10;

/**
 * Waits for a condition.
 *
 * @param what names the condition in the error
 * @throws {Error} when it does not come to hold
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs: number = TIMEOUT_MS,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
