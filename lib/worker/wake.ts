/**
 * Lets one loop sleep until there is something to do. A call to wake it that
 * comes while it is busy is remembered, so that nothing is overlooked.
 */
export class Wake {
  #awake = false;
  #resolve: (() => void) | undefined;

  /** Ends the wait that is going on, or the next one. */
  wake(): void {
    this.#awake = true;
    this.#resolve?.();
  }

  /**
   * Waits to be woken.
   *
   * @param timeoutMs ends the wait anyway after so many milliseconds; for ever when absent
   */
  async wait(timeoutMs?: number): Promise<void> {
    if (!this.#awake) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    this.#awake = false;
  }
}
