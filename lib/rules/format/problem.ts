/** How bad a problem is: an error refuses the rule set, a warning is only shown. */
export type Severity = "error" | "warning";

/**
 * One finding about a rule file, an intel table or the settings: what is wrong,
 * where, and what to do.
 */
export interface Problem {
  /** Stable machine-readable code, e.g. `unknown_technique`. */
  readonly code: string;
  /** Whether it refuses the rule set. */
  readonly severity: Severity;
  /** File as the user named it. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Where in the document, outermost first, e.g. `["R0012", "emits[0].technique_id"]`. */
  readonly path: readonly string[];
  /** What is wrong, without position and remedy. */
  readonly message: string;
  /** What to do, when something better than the message can be said. */
  readonly remedy?: string;
  /** The line of the file that the position points into. */
  readonly excerpt?: string;
}

/** Thrown when rules cannot be used; carries every problem found in the run. */
export class RuleError extends Error {
  /** All problems, errors and warnings, in the order of files and lines. */
  readonly problems: readonly Problem[];

  /**
   * Makes one of what was found.
   *
   * @param problems at least one problem of severity `error`
   */
  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.name = "RuleError";
    this.problems = problems;
  }
}

/**
 * One line a colleague would write:
 * `rules/R0012.yaml:9:5 emits[0].technique_id "T1105x" is not in ATT&CK enterprise-19.1; did you mean T1105?`
 */
export function formatProblem(problem: Problem): string {
  const { file, line, column, message, remedy } = problem;
  return `${file}:${line}:${column} ${message}${remedy === undefined ? "" : `; ${remedy}`}`;
}
