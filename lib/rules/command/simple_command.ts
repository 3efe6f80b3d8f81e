/**
 * One simple command: a program with its arguments, as a shell would run it.
 * Quotes and escapes are gone, variables that the text itself sets are filled
 * in, wrappers such as `sudo` and `busybox` are taken off.
 */
export interface SimpleCommand {
  /**
   * Base name of the program; empty when there are only assignments or
   * redirections. A RouterOS menu is `routeros:ip`, `routeros:system`.
   */
  readonly program: string;
  /** The program as it was called, with its path: `/tmp/.x`, `./a`, `wget`. */
  readonly path: string;
  /** Arguments without redirections, joined by one blank. */
  readonly args: string;
  /** Arguments one by one. */
  readonly argv: readonly string[];
  /** Programs in front that only run this one: `sudo`, `nohup`, `busybox`, `xargs`, …, outermost first. */
  readonly wrappers: readonly string[];
  /** Assignments that stand before the program, or are made by `export` and its like: `NAME=value`. */
  readonly assigns: readonly string[];
  /** Targets of output: `>`, `>>`, `tee`, `dd of=`. */
  readonly writes: readonly string[];
  /** Sources of input: `<`, and `dd if=`. */
  readonly reads: readonly string[];
  /** Programs that read its output, nearest first; an output that is run as a script counts as read by `sh`. */
  readonly pipedInto: readonly string[];
  /** Programs whose output it reads, nearest first. */
  readonly pipedFrom: readonly string[];
  /** It runs a file that the same text has left empty, as who looks for a directory to write to. */
  readonly runsEmpty: boolean;
  /** One of its arguments is a file that the same text has written. */
  readonly ownFile: boolean;
  /** It runs something that an earlier command of the same text has fetched. */
  readonly runsFetched: boolean;
  /** Its words were hidden: quotes or backslashes inside words, `${IFS}`, escapes, assembled names. */
  readonly obfuscated: boolean;
  /** Range in the text; for nested scripts without positions, that of the command around them. */
  readonly start: number;
  readonly end: number;
}

/** Everything that rules may ask about one command text. */
export interface CommandAnalysis {
  /** In the order of running, as far as that can be told. */
  readonly commands: readonly SimpleCommand[];
  /** Texts that are decoded and run; their commands are not among `commands`. */
  readonly decoded: readonly string[];
  /** All words of all commands, when expansion or quoting has changed any of them. */
  readonly resolved: string | undefined;
  /** Not everything was looked at, because a limit was reached. */
  readonly truncated: boolean;
}
