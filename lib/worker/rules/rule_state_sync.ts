import { getLogger } from "@logtape/logtape";
import type { BusMessage, BusSubscription } from "../../bus/bus.ts";
import { decodeEnvelope } from "../../bus/envelope.ts";
import { RULE_STATES } from "../../bus/subjects.ts";
import type { Counters } from "../../observe/counters.ts";
import { Throttle } from "../../observe/throttle.ts";
import type { RuleStore } from "../../rules/rule_store.ts";
import type { RuleState } from "../../rules/state.ts";
import type { Store } from "../../store/store.ts";
import type { Companion, CompanionHost } from "../companion.ts";
import { whenUnlocked } from "../when_unlocked.ts";
import type { RuleBook } from "./rule_book.ts";
import { stateAnnouncement, stateFromMessage } from "./rule_state_message.ts";

const log = getLogger(["ttp", "rules"]);

/** Changes that are announced at one look; far more than operators make in a second. */
const MAX_CHANGES = 10_000;

/** States that are refused are logged at most this often, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** What the sync works with. */
export interface RuleStateSyncParts {
  readonly store: Store;
  /** Keeps its states in the store. */
  readonly rules: RuleStore;
  readonly book: RuleBook;
  /** Takes states from other hosts. */
  readonly remote: boolean;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Puts changed rule states in force, whoever changed them: the command line on
 * this host, another host over the bus, or time. Changes of this host are
 * announced, each once; those that came from the bus are not sent back.
 */
export class RuleStateSync implements Companion {
  readonly #parts: RuleStateSyncParts;
  #host: CompanionHost | undefined;
  #subscription: BusSubscription | undefined;
  #listening: Promise<void> = Promise.resolve();
  #stopping = false;
  /** Anybody on the bus can send nonsense; it must not fill the log. */
  readonly #refusals: Throttle;
  /** The newest change that was announced or needs no announcement. */
  #seen: number;

  /** @param parts what it works with */
  constructor(parts: RuleStateSyncParts) {
    this.#parts = parts;
    this.#refusals = new Throttle(LOG_EVERY_MS, parts.now);
    this.#seen = parts.store.ruleStates.history(1)[0]?.id ?? 0;
  }

  /** Begins to listen to other hosts. */
  start(host: CompanionHost): void {
    this.#host = host;
    if (!this.#parts.remote || host.bus === undefined) return;
    this.#subscription = host.bus.subscribe(RULE_STATES);
    this.#listening = this.#listen(this.#subscription, host.counters);
  }

  /** Looks for states that ran out or were changed on this host. */
  tick(): void {
    const { store, book, now } = this.#parts;
    store.ruleStates.expire(new Date(now()));
    if (!book.refreshStates()) return;
    const changes = store.ruleStates.history(MAX_CHANGES)
      .filter(({ id }) => id > this.#seen)
      .reverse();
    this.#host?.announce(changes.map(stateAnnouncement));
    this.#seen = changes.at(-1)?.id ?? this.#seen;
    for (const { ruleId, change, state, setBy } of changes) {
      log.info("rule {ruleId}: {change} {state} by {setBy}", {
        ruleId,
        change,
        state,
        setBy: setBy ?? "nobody named",
      });
    }
  }

  /** Listens no more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#subscription?.drain();
    await this.#listening;
  }

  async #listen(subscription: BusSubscription, counters: Counters): Promise<void> {
    for await (const message of subscription) {
      try {
        await whenUnlocked(() => this.#apply(message), {
          counters,
          isOver: () => this.#stopping,
        });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error("a rule state from the bus could not be kept: {reason}", { reason });
      }
    }
  }

  #apply({ subject, data }: BusMessage): void {
    const { store, book, now } = this.#parts;
    const ruleId = subject.slice(RULE_STATES.length - 1);
    const decoded = decodeEnvelope(data);
    const state = decoded.ok ? stateFromMessage(decoded.envelope.payload, now()) : decoded.reason;
    const fault = book.rules.get(ruleId) === undefined ? "there is no such rule here" : state;
    if (typeof fault === "string") {
      this.#host?.counters.add("rule_states_refused");
      const held = this.#refusals.pass("");
      if (held === undefined) return;
      log.warn("a state from the bus is not taken: {fault} ({more} more since)", {
        fault,
        more: held,
      });
      log.debug("it was for rule {ruleId}", { ruleId });
      return;
    }
    // What this host changed before goes out first; what comes now is not sent back.
    this.tick();
    const at = new Date(now());
    const changed = store.transaction(() => this.#keep(ruleId, fault, at));
    if (!changed) return;
    this.#seen = store.ruleStates.history(1)[0]?.id ?? this.#seen;
    book.refreshStates();
    log.info("rule {ruleId} is {state}, as {setBy} says over the bus", {
      ruleId,
      state: fault.state,
      setBy: fault.setBy ?? "nobody named",
    });
  }

  /** @returns whether it differs from the state before */
  #keep(ruleId: string, state: RuleState, at: Date): boolean {
    const { rules } = this.#parts;
    const before = rules.getState(ruleId);
    const same = before?.state === state.state && before.confidenceMax === state.confidenceMax &&
      before.expiresAt === state.expiresAt;
    if (same) return false;
    const isDefault = state.state === "enabled" && state.expiresAt === undefined;
    return rules.setState(ruleId, isDefault ? undefined : state, state.setBy, at);
  }
}
