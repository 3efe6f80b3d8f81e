import { getLogger } from "@logtape/logtape";
import type { BusMessage, BusSubscription } from "../../bus/bus.ts";
import { decodeEnvelope } from "../../bus/envelope.ts";
import { RULE_STATES } from "../../bus/subjects.ts";
import type { Counters } from "../../observe/counters.ts";
import { Throttle } from "../../observe/throttle.ts";
import type { RuleStore } from "../../rules/rule_store.ts";
import { DEFAULT_STATE, type RuleState } from "../../rules/state.ts";
import type { Store } from "../../store/store.ts";
import type { Payload } from "../../tagging/event.ts";
import type { Companion, CompanionHost } from "../companion.ts";
import { whenUnlocked } from "../when_unlocked.ts";
import { UntrustedOrders } from "../untrusted_orders.ts";
import type { RuleBook } from "./rule_book.ts";
import { isFromBus, stateAnnouncement, stateFromMessage } from "./rule_state_message.ts";

const log = getLogger(["ttp", "rules"]);

/** Changes that are announced at one look; far more than operators make in a second. */
const MAX_CHANGES = 10_000;

/** States that are refused are logged at most this often, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** A worker with a larger share of its rules off because of the bus is degraded. */
const MAX_SHARE_OFF = 0.1;

/** What the sync works with. */
export interface RuleStateSyncParts {
  readonly store: Store;
  /** Keeps its states in the store. */
  readonly rules: RuleStore;
  readonly book: RuleBook;
  /** Takes states from the bus; they are counted and not obeyed otherwise. */
  readonly trusted: boolean;
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
  #untrusted: UntrustedOrders | undefined;
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
    const { store, trusted, now } = this.#parts;
    tellUnverified(store.ruleStates.takeUnverified());
    this.#watchShareOff();
    if (host.bus === undefined) return;
    if (!trusted) this.#untrusted = new UntrustedOrders(host.counters, now);
    this.#subscription = host.bus.subscribe(RULE_STATES);
    this.#listening = this.#listen(this.#subscription, host.counters);
  }

  /** Looks for states that ran out or were changed on this host. */
  tick(): void {
    const { store, book, now } = this.#parts;
    store.ruleStates.expire(new Date(now()));
    this.#watchShareOff();
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

  /** States run out and rules come and go, so that this is asked at each look. */
  #watchShareOff(): void {
    const { book, now } = this.#parts;
    const rules = book.rules.rules.length;
    const off = book.disabledCount(now(), isFromBus);
    const health = this.#host?.health;
    if (off <= rules * MAX_SHARE_OFF) health?.recover("rule_states");
    else {
      health?.degrade(
        "rule_states",
        `${off} of ${rules} rules are off because of the bus; \`decnet-ttp rules list\` names ` +
          "them, `rules reset` gives them back",
      );
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
    const untrusted = this.#untrusted;
    if (untrusted !== undefined) {
      // What this host announces comes back to it, and says what holds here anyway.
      if (!decoded.ok || !this.#holds(ruleId, decoded.envelope.payload)) {
        untrusted.refuse(RULE_STATES);
      }
      return;
    }
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

  #holds(ruleId: string, payload: Payload): boolean {
    const state = stateFromMessage(payload, this.#parts.now());
    return typeof state !== "string" &&
      isSame(this.#parts.rules.getState(ruleId) ?? DEFAULT_STATE, state);
  }

  /** @returns whether it differs from the state before */
  #keep(ruleId: string, state: RuleState, at: Date): boolean {
    const { rules } = this.#parts;
    if (isSame(rules.getState(ruleId), state)) return false;
    const isDefault = state.state === "enabled" && state.expiresAt === undefined;
    return rules.setState(ruleId, isDefault ? undefined : state, state.setBy, at);
  }
}

function isSame(before: RuleState | undefined, state: RuleState): boolean {
  return before?.state === state.state && before.confidenceMax === state.confidenceMax &&
    before.expiresAt === state.expiresAt;
}

/** An operator decides what becomes of them: they stay as they are. */
function tellUnverified(ruleIds: readonly string[]): void {
  if (ruleIds.length === 0) return;
  log.warn(
    "{count} rule states were kept by an earlier version, which also took states from the bus: " +
      "{rules}; `decnet-ttp rules list` shows who set them, `rules reset` gives rules back",
    { count: ruleIds.length, rules: ruleIds.join(", ") },
  );
}
