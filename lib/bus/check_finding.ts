/** One thing about the server, and whether it is as it should be. */
export interface CheckFinding {
  /** E.g. `stream DECNET`, `subscribe to canary.>`. */
  readonly what: string;
  readonly ok: boolean;
  /** What was found, and what to do where it is not ok. */
  readonly detail: string;
}
