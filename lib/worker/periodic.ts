import { getLogger } from "@logtape/logtape";

const log = getLogger(["ttp", "worker"]);

/** Work that is done again and again until it is stopped. */
export interface Periodic {
  /** Stops; a turn that is going on ends first. */
  stop(): Promise<void>;
  /**
   * Changes the pause.
   *
   * @param intervalMs in milliseconds; begins now where no turn is going on
   */
  repeatEvery(intervalMs: number): void;
}

/**
 * Does something every so often, one turn at a time. A turn that fails is logged
 * and the next one comes all the same.
 *
 * @param name what it is, for the log
 * @param intervalMs pause between the end of a turn and the next, in milliseconds
 */
export function every(
  name: string,
  intervalMs: number,
  work: () => void | Promise<void>,
): Periodic {
  let stopped = false;
  let pause = intervalMs;
  let turning = false;
  let running: Promise<void> = Promise.resolve();
  let timer = setTimeout(turn, pause);
  function turn(): void {
    turning = true;
    running = (async () => {
      try {
        await work();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error("{name} failed: {reason}", { name, reason });
      }
      turning = false;
      if (!stopped) timer = setTimeout(turn, pause);
    })();
  }
  return {
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
    repeatEvery(intervalMs: number): void {
      if (intervalMs === pause) return;
      pause = intervalMs;
      if (stopped || turning) return;
      clearTimeout(timer);
      timer = setTimeout(turn, pause);
    },
  };
}
