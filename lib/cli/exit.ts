/** Exit codes of every command; scripts and service units rely on them. */
export const EXIT = {
  /** The command did what was asked. */
  done: 0,
  /** The answer is "no": validation, rule tests, an evaluation below its limit. Also a defect of this program. */
  no: 1,
  /** Wrong arguments or settings. */
  usage: 2,
  /** ATT&CK or rules cannot be used. */
  rules: 3,
  /** The database cannot be used. */
  database: 4,
  /** The bus cannot be used. */
  bus: 5,
  /** Ended by SIGINT: 128 + 2, as shells count. */
  interrupted: 130,
  /** Ended by SIGTERM: 128 + 15, as shells count. */
  terminated: 143,
} as const;

/** One of the exit codes of this program. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** Ends a command early with an exit code; what has to be said is in the message. */
export class Exit extends Error {
  override readonly name = "Exit";
  /** What the process reports. */
  readonly code: ExitCode;

  /**
   * @param code exit code
   * @param message printed on standard error, one diagnostic a line; empty when everything has been said
   */
  constructor(code: ExitCode, message = "") {
    super(message);
    this.code = code;
  }
}
