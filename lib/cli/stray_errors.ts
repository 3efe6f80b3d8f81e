/** Takes an error that nobody caught. */
export type StrayErrorHandler = (error: unknown) => void;

/**
 * The edge of the process: errors that escaped every `try`, such as those that the
 * runtime's TLS layer throws out of its own callbacks. Without this they end the
 * process with a stack trace.
 */
export class StrayErrors implements Disposable {
  readonly #handlers: StrayErrorHandler[];

  /** @param fallback takes what no command has asked for */
  constructor(fallback: StrayErrorHandler) {
    this.#handlers = [fallback];
    globalThis.addEventListener("error", this.#onError);
    globalThis.addEventListener("unhandledrejection", this.#onRejection);
  }

  /** Sends errors to a handler until the result is disposed of; the last one to ask gets them. */
  handle(handler: StrayErrorHandler): Disposable {
    this.#handlers.push(handler);
    return {
      [Symbol.dispose]: () => {
        const index = this.#handlers.lastIndexOf(handler);
        if (index > 0) this.#handlers.splice(index, 1);
      },
    };
  }

  /** Lets the runtime deal with such errors again. */
  [Symbol.dispose](): void {
    globalThis.removeEventListener("error", this.#onError);
    globalThis.removeEventListener("unhandledrejection", this.#onRejection);
  }

  readonly #onError = (event: ErrorEvent): void => {
    event.preventDefault();
    this.#handlers.at(-1)?.(event.error ?? event.message);
  };

  readonly #onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    this.#handlers.at(-1)?.(event.reason);
  };
}
