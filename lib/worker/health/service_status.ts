import type { Companion, CompanionHost } from "../companion.ts";
import type { HealthReport } from "./health.ts";
import type { ServiceNotify } from "./service_notify.ts";

/** Says in `systemctl status` what is wrong, and when nothing is any more. */
export class ServiceStatus implements Companion {
  readonly #notify: ServiceNotify;
  #report: () => HealthReport = () => ({ state: "ok" });
  #said = "ok";

  /** @param notify the service manager */
  constructor(notify: ServiceNotify) {
    this.#notify = notify;
  }

  /** Learns whose health it is. */
  start({ health }: Pick<CompanionHost, "health">): void {
    this.#report = () => health.report();
  }

  /** Tells what has changed since the last look. */
  tick(): void {
    const { state, reason } = this.#report();
    const text = reason === undefined ? state : `${state}: ${reason}`;
    if (text === this.#said) return;
    this.#said = text;
    this.#notify.status(text);
  }

  /** Nothing is left to do. */
  stop(): Promise<void> {
    return Promise.resolve();
  }
}
