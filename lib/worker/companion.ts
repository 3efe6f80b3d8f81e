import type { Bus } from "../bus/bus.ts";
import type { Counters } from "../observe/counters.ts";
import type { Announcement } from "./outbox/announcements.ts";
import type { Health } from "./health/health.ts";

/** What a worker offers to those who live beside its loop. */
export interface CompanionHost {
  /** Absent when the worker runs without a bus. */
  readonly bus: Bus | undefined;
  readonly health: Health;
  readonly counters: Counters;
  /**
   * Writes announcements to the outbox.
   *
   * @throws {StoreError} when they could not be written
   */
  announce(announcements: readonly Announcement[]): void;
}

/** Something that lives as long as the worker and looks after one thing beside the loop. */
export interface Companion {
  /** Called once, before the worker takes the first event. */
  start(host: CompanionHost): void;
  /** Called about once a second, between two batches. */
  tick(): void;
  /** Called once, after the last event. */
  stop(): Promise<void>;
}
