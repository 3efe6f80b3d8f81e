import { setImmediate } from "node:timers/promises";
import type { EventTagging } from "./event_tagging.ts";
import { failureOf } from "./savepoint.ts";

/** Longest time that the event loop is kept from turning, in milliseconds. */
const MAX_SLICE_MS = 20;

/** What came of the tagging of a large event: its tags, why there are none, or neither when none are due. */
export interface SlicedTagging {
  readonly tagging?: EventTagging;
  readonly failure?: string;
}

/** Tags an event in slices of time; `begin` makes what is to be tagged. */
export type SlicedTagger = (begin: () => EventTagging | undefined) => Promise<SlicedTagging>;

/** What the slices depend on. */
export interface SliceOptions {
  /** Clock that is never set, in milliseconds. */
  readonly monotonic: () => number;
  /** Called after each slice; proof that the work goes on. */
  readonly onSlice: () => void;
}

/**
 * Makes what tags a large event so that the event loop turns in between: health is
 * answered, messages are kept alive, and a stop is heard. No transaction may be open
 * meanwhile.
 */
export function slicedTagger({ monotonic, onSlice }: SliceOptions): SlicedTagger {
  return async (begin) => {
    try {
      const tagging = begin();
      if (tagging === undefined) return {};
      let pauseAt = monotonic() + MAX_SLICE_MS;
      while (!tagging.advance(() => monotonic() >= pauseAt)) {
        onSlice();
        await setImmediate();
        pauseAt = monotonic() + MAX_SLICE_MS;
      }
      return { tagging };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  };
}
