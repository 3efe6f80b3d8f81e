import { sizeText } from "./quantity.ts";
import type { Terminal } from "./terminal.ts";

/** Pause between two pictures of the bar, in milliseconds. */
const REDRAW_MS = 100;

/** Columns of the bar itself. */
const BAR_COLUMNS = 20;

/**
 * A bar with rate and time left, on standard error of a terminal; elsewhere it
 * shows nothing.
 */
export class Progress implements Disposable {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #now: () => number;
  readonly #startedAt: number;
  #drawnAt = Number.NEGATIVE_INFINITY;

  /**
   * @param total bytes that there are to do
   * @param now a clock that never goes back, in milliseconds
   */
  constructor(terminal: Terminal, total: number, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#total = total;
    this.#now = now;
    this.#startedAt = now();
  }

  /**
   * Shows how far the work is.
   *
   * @param done bytes so far
   * @param label what is worked on; harmless text
   */
  show(done: number, label: string): void {
    const now = this.#now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#terminal.status(this.#line(done, label, (now - this.#startedAt) / 1000));
  }

  #line(done: number, label: string, seconds: number): string {
    const share = this.#total === 0 ? 1 : Math.min(1, done / this.#total);
    const filled = Math.round(share * BAR_COLUMNS);
    const bar = "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
    const rate = seconds > 0 ? done / seconds : 0;
    const left = rate > 0 ? `, ${timeText((this.#total - done) / rate)} left` : "";
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    return `${bar} ${percent}  ${sizeText(Math.round(rate))}/s${left}  ${label}`;
  }

  /** Takes the bar away. */
  [Symbol.dispose](): void {
    this.#terminal.status("");
  }
}

/** A length of time as people read it, e.g. `1 h 05 min`. */
export function timeText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const two = (count: number): string => String(count).padStart(2, "0");
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
