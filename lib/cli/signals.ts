import { EXIT } from "./exit.ts";

/** Signals that ask a process to end, and what it reports when it is asked twice. */
const STOP_SIGNALS = [
  ["SIGINT", EXIT.interrupted],
  ["SIGTERM", EXIT.terminated],
] as const;

/**
 * Calls back at the first signal that asks the process to end; a second one ends
 * it at once, with 130 or 143.
 *
 * @returns lets go of the signals when it is disposed of
 */
export function onStopSignals(stop: (signal: string) => void): Disposable {
  let asked = false;
  const listeners = STOP_SIGNALS.map(([signal, code]) => {
    const listener = (): void => {
      if (asked) Deno.exit(code);
      asked = true;
      stop(signal);
    };
    Deno.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
  return {
    [Symbol.dispose](): void {
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}

/**
 * SIGHUP, which asks a service to read its settings again. From the first moment
 * to the last one it ends the process no more: what comes before somebody heeds it
 * is heeded then, what comes after that was too late.
 */
export class ReloadSignal implements Disposable {
  #heard = false;
  #reload: (() => void) | undefined;

  /** Begins to listen. */
  constructor() {
    Deno.addSignalListener("SIGHUP", this.#onSignal);
  }

  /** Calls back at each signal until the result is disposed of, and at once when one has come already. */
  heed(reload: () => void): Disposable {
    this.#reload = reload;
    if (this.#heard) reload();
    return { [Symbol.dispose]: () => this.#reload = undefined };
  }

  /** Lets go of the signal. */
  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGHUP", this.#onSignal);
  }

  readonly #onSignal = (): void => {
    this.#heard = true;
    this.#reload?.();
  };
}
