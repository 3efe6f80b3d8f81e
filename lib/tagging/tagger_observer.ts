import type { TaggerEvent } from "./event.ts";

/**
 * Looks on while a tagger works, e.g. to time it. Each method calls the work once
 * and gives back what it gave; what it throws goes on.
 */
export interface TaggerObserver {
  /** Around all that one event causes. */
  evaluated<T>(event: TaggerEvent, work: () => T): T;
  /** Around one question to a lifter. */
  askedLifter<T>(lifter: string, ruleId: string, work: () => T): T;
  /** Around what the match of one rule causes. */
  fired<T>(ruleId: string, event: TaggerEvent, work: () => T): T;
  /** When not all of an event was looked at, because a text was too long or too costly. */
  truncated(event: TaggerEvent): void;
}
