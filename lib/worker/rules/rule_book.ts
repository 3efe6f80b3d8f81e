import type { Pack } from "../../rules/overlay.ts";
import { RuleSet } from "../../rules/run/rule_set.ts";
import { effectiveState, type RuleState } from "../../rules/state.ts";
import type { Store } from "../../store/store.ts";

/** How rules are compiled. */
export interface RuleBookOptions {
  readonly allowBacktracking?: boolean;
}

/**
 * The rules in force and what operators have set for them. Both are replaced as
 * whole values: who has begun with one ends with it.
 */
export class RuleBook {
  readonly #store: Store;
  readonly #options: RuleBookOptions;
  #pack: Pack;
  #rules: RuleSet;
  #states: ReadonlyMap<string, RuleState>;
  #revision: number;

  /**
   * @param pack rules and intel tables, proven
   * @param store keeps the states
   */
  constructor(pack: Pack, store: Store, options: RuleBookOptions = {}) {
    this.#store = store;
    this.#options = options;
    this.#pack = pack;
    this.#rules = compiled(pack, options);
    this.#revision = store.ruleStates.revision();
    this.#states = store.ruleStates.all();
  }

  /** The rules in force. */
  get rules(): RuleSet {
    return this.#rules;
  }

  /** The rules in force with the tables beside them. */
  get pack(): Pack {
    return this.#pack;
  }

  /** What an operator has set for a rule. */
  stateOf(ruleId: string): RuleState | undefined {
    return this.#states.get(ruleId);
  }

  /**
   * Rules that are switched off at the moment.
   *
   * @param counts which of their states are counted; all by default
   */
  disabledCount(now: number, counts: (state: RuleState) => boolean = () => true): number {
    let count = 0;
    for (const [ruleId, state] of this.#states) {
      const off = effectiveState(state, now).state === "disabled" && counts(state);
      if (off && this.#rules.get(ruleId) !== undefined) count++;
    }
    return count;
  }

  /** Puts other rules in force; they must be proven. */
  replace(pack: Pack): void {
    this.#rules = compiled(pack, this.#options);
    this.#pack = pack;
  }

  /** Reads the states again when anybody, in this process or another, has changed them. */
  refreshStates(): boolean {
    const revision = this.#store.ruleStates.revision();
    if (revision === this.#revision) return false;
    this.#states = this.#store.ruleStates.all();
    this.#revision = revision;
    return true;
  }
}

function compiled({ rules, exceptions = [] }: Pack, options: RuleBookOptions): RuleSet {
  return RuleSet.compile(rules, { ...options, exceptions });
}
