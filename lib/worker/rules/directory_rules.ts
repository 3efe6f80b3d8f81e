import { getLogger } from "@logtape/logtape";
import type { Attack } from "../../attack/matrix.ts";
import {
  type Overlay,
  overlay,
  type OverlayContext,
  type Pack,
  reload,
} from "../../rules/overlay.ts";
import type { RuleChange } from "../../rules/overlay.ts";
import { formatProblem } from "../../rules/format/problem.ts";
import type { RuleStore, StateKeeper } from "../../rules/rule_store.ts";
import type { RuleState } from "../../rules/state.ts";
import { directorySignature, readRuleDirectory, RuleDirectoryWatch } from "./rule_directory.ts";

const log = getLogger(["ttp", "rules"]);

/** Rejected rules that are named when somebody asks what is wrong. */
const MAX_NAMED = 3;

/** What a directory of rules is proven with. */
export interface DirectoryRulesParts {
  /** Directory of the operator's own rules. */
  readonly directory: string;
  readonly attack: Attack;
  /** What rules are proven against, made anew for each reading. */
  readonly context: () => OverlayContext;
}

/**
 * An operator's directory of rules over the rules of another store, followed
 * while it changes. States are kept where that store keeps them.
 */
export class DirectoryRules implements RuleStore {
  readonly #base: RuleStore;
  readonly #parts: DirectoryRulesParts;
  #pack: Pack;
  #fault: string | undefined;
  /** What was wrong with each rule at the last reading, so that a fault is told once. */
  #rejected: ReadonlyMap<string, string> = new Map();
  /** The directory as it was at the last reading. */
  #signature: string | undefined;
  #watch: RuleDirectoryWatch | undefined;
  #closed = false;

  /**
   * @param base what the directory is laid over
   * @param parts the directory, and what it is proven with
   */
  constructor(base: RuleStore, parts: DirectoryRulesParts) {
    this.#base = base;
    this.#parts = parts;
    this.#pack = base.pack;
  }

  /** @inheritdoc */
  get pack(): Pack {
    return this.#pack;
  }

  /** @inheritdoc */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * @inheritdoc
   * @throws {RuleDirectoryError} when the directory cannot be read
   */
  load(): Overlay {
    const { directory, attack, context } = this.#parts;
    const below = this.#base.load();
    this.#signature = directorySignature(directory);
    const laid = overlay(below.pack, readRuleDirectory(directory), attack, context());
    this.#pack = laid.pack;
    return { pack: laid.pack, problems: [...below.problems, ...laid.problems] };
  }

  /** @inheritdoc */
  getState(ruleId: string): RuleState | undefined {
    return this.#base.getState(ruleId);
  }

  /** @inheritdoc */
  setState(
    ruleId: string,
    state: RuleState | undefined,
    by: string | undefined,
    at: Date,
  ): boolean {
    return this.#base.setState(ruleId, state, by, at);
  }

  /** @inheritdoc */
  keepStatesIn(keeper: StateKeeper): void {
    this.#base.keepStatesIn(keeper);
  }

  /** @inheritdoc */
  async *changes(): AsyncGenerator<RuleChange> {
    if (this.#closed) return;
    this.#watch = new RuleDirectoryWatch(this.#parts.directory, this.#signature);
    for await (const _ of this.#watch) yield* this.#reread();
  }

  /** @inheritdoc */
  look(): void {
    this.#watch?.look();
  }

  /** @inheritdoc */
  close(): void {
    this.#closed = true;
    this.#watch?.close();
  }

  /** Puts in force what holds; whatever the directory has become, the rest stays as it is. */
  #reread(): readonly RuleChange[] {
    const { directory, attack, context } = this.#parts;
    try {
      const files = readRuleDirectory(directory);
      const { pack, changes } = reload(this.#base.pack, this.#pack, files, attack, context());
      if (changes.some(({ change }) => change !== "rejected")) this.#pack = pack;
      return this.#news(changes);
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      log.error("rules stay as they are: {reason}", { reason: this.#fault });
      return [];
    }
  }

  #news(changes: readonly RuleChange[]): readonly RuleChange[] {
    const before = this.#rejected;
    const rejected = new Map<string, string>();
    for (const { ruleId, problem } of changes) {
      if (problem !== undefined) rejected.set(ruleId, formatProblem(problem));
    }
    this.#rejected = rejected;
    this.#fault = faultOf([...new Set(rejected.values())]);
    return changes.filter(({ ruleId, problem }) =>
      problem === undefined || before.get(ruleId) !== rejected.get(ruleId)
    );
  }
}

function faultOf(faults: readonly string[]): string | undefined {
  if (faults.length === 0) return undefined;
  const more = faults.length - MAX_NAMED;
  return faults.slice(0, MAX_NAMED).join("; ") + (more > 0 ? `; and ${more} more` : "");
}
