import type { Overlay, Pack, RuleChange } from "./overlay.ts";
import type { RuleState } from "./state.ts";

/**
 * Where rules come from, with what operators have set for them. Rules that do
 * not hold never get in force: what was there before stays.
 */
export interface RuleStore {
  /**
   * What is in force, after `load()`; replaced as a whole value: who has begun
   * with one ends with it.
   */
  readonly pack: Pack;
  /** Why not everything that was saved is in force; nothing while all of it is. */
  readonly fault: string | undefined;

  /**
   * Reads and proves everything, and puts in force what holds.
   *
   * @returns what is in force and every problem; who wants all or nothing looks at these
   */
  load(): Overlay;

  /** What an operator has set for a rule, also when it has expired; nothing for the default. */
  getState(ruleId: string): RuleState | undefined;

  /**
   * Sets the state of a rule in the place of the one before it.
   *
   * @param state nothing for the default
   * @param by who wants it
   * @param at when
   * @returns whether there was anything to do: the default may be there already
   * @throws {RangeError} when the state is none, e.g. a ceiling that is no number from 0 to 1
   * @throws {Error} when it could not be kept, with the keeper's own class
   */
  setState(ruleId: string, state: RuleState | undefined, by: string | undefined, at: Date): boolean;

  /** Keeps states elsewhere from now on, e.g. in a database; in memory before. */
  keepStatesIn(keeper: StateKeeper): void;

  /** What changes from now on, one item a rule, in force already; until `close()`. */
  changes(): AsyncIterable<RuleChange>;

  /** Looks for changes now, whether or not anything tells of one. */
  look(): void;

  /** Ends `changes()`. */
  close(): void;
}

/** Where states are kept. */
export interface StateKeeper {
  /** The state of a rule, also when it has expired; nothing for a rule that nobody touched. */
  get(ruleId: string): RuleState | undefined;
  /**
   * Keeps a state in the place of the one before it.
   *
   * @param at when; becomes `setAt`
   */
  set(ruleId: string, state: RuleState, at: Date): void;
  /**
   * Forgets the state of a rule.
   *
   * @returns whether there was one
   */
  remove(ruleId: string, at: Date, by?: string): boolean;
}
