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

/** Calls back at each SIGHUP, which asks a service to read its settings again. */
export function onReloadSignal(reload: () => void): Disposable {
  Deno.addSignalListener("SIGHUP", reload);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", reload) };
}
