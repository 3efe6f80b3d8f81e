import type { Attack } from "../attack/matrix.ts";
import { checkRules } from "./format/check.ts";
import { migrateRules } from "./format/migrate.ts";
import type { Overlay, OverlayContext, Pack, RuleChange } from "./overlay.ts";
import type { RuleStore, StateKeeper } from "./rule_store.ts";
import { byRuleId } from "./rule.ts";
import { assertState, type RuleState } from "./state.ts";

/** The rules that the program carries, or any others that do not change while it runs. */
export class EmbeddedRules implements RuleStore {
  readonly pack: Pack;
  readonly fault: string | undefined = undefined;
  readonly #attack: Attack;
  readonly #context: OverlayContext;
  readonly #closed = Promise.withResolvers<void>();
  #states: StateKeeper = new MemoryStates();

  /**
   * @param pack rules and intel tables, e.g. of `loadPack()`
   * @param attack what they are proven against
   */
  constructor(pack: Pack, attack: Attack, context: OverlayContext) {
    const { rules } = context.migrate === true ? migrateRules(pack.rules, attack.enterprise) : pack;
    this.pack = { rules: rules.toSorted(byRuleId), intel: pack.intel };
    this.#attack = attack;
    this.#context = context;
  }

  /** @inheritdoc */
  load(): Overlay {
    return { pack: this.pack, problems: checkRules(this.pack, this.#attack, this.#context) };
  }

  /** @inheritdoc */
  getState(ruleId: string): RuleState | undefined {
    return this.#states.get(ruleId);
  }

  /** @inheritdoc */
  setState(
    ruleId: string,
    state: RuleState | undefined,
    by: string | undefined,
    at: Date,
  ): boolean {
    if (state === undefined) return this.#states.remove(ruleId, at, by);
    assertState(state);
    this.#states.set(ruleId, { ...state, ...(by !== undefined && { setBy: by }) }, at);
    return true;
  }

  /** @inheritdoc */
  keepStatesIn(keeper: StateKeeper): void {
    this.#states = keeper;
  }

  /** Nothing ever changes. */
  changes(): AsyncIterable<RuleChange> {
    const end = this.#closed.promise.then(() => ({ done: true, value: undefined }) as const);
    return { [Symbol.asyncIterator]: () => ({ next: () => end }) };
  }

  /** There is nothing to find. */
  look(): void {}

  /** @inheritdoc */
  close(): void {
    this.#closed.resolve();
  }
}

/** States that last as long as the program. */
class MemoryStates implements StateKeeper {
  readonly #states = new Map<string, RuleState>();

  get(ruleId: string): RuleState | undefined {
    return this.#states.get(ruleId);
  }

  set(ruleId: string, state: RuleState, at: Date): void {
    this.#states.set(ruleId, { ...state, setAt: at.toISOString() });
  }

  remove(ruleId: string): boolean {
    return this.#states.delete(ruleId);
  }
}
