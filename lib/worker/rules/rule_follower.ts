import { getLogger } from "@logtape/logtape";
import { RULE_RELOADED_TYPE, ruleReloadedSubject } from "../../bus/subjects.ts";
import type { RuleChange } from "../../rules/overlay.ts";
import { formatProblem } from "../../rules/format/problem.ts";
import type { RuleStore } from "../../rules/rule_store.ts";
import type { Announcement } from "../outbox/announcements.ts";
import type { Companion, CompanionHost } from "../companion.ts";
import type { RuleBook } from "./rule_book.ts";

const log = getLogger(["ttp", "rules"]);

/**
 * Puts in force what changes in a store of rules, and says so: in the log, on
 * the bus, and, where what was saved does not hold, in the health.
 */
export class RuleFollower implements Companion {
  readonly #rules: RuleStore;
  readonly #book: RuleBook;
  #host: CompanionHost | undefined;
  #following: Promise<void> = Promise.resolve();
  /** What the database did not take yet. */
  #untold: Announcement[] = [];

  /**
   * @param rules loaded; closed when the worker ends
   * @param book gets what changes
   */
  constructor(rules: RuleStore, book: RuleBook) {
    this.#rules = rules;
    this.#book = book;
  }

  /** Begins to follow the changes. */
  start(host: CompanionHost): void {
    this.#host = host;
    this.#following = this.#follow();
  }

  /** Says how it is, and what could not be said before. */
  tick(): void {
    const { fault } = this.#rules;
    if (fault === undefined) this.#host?.health.recover("rules");
    else this.#host?.health.degrade("rules", fault);
    this.#host?.announce(this.#untold);
    this.#untold = [];
  }

  /** Follows no more. */
  async stop(): Promise<void> {
    this.#rules.close();
    await this.#following;
  }

  async #follow(): Promise<void> {
    for await (const change of this.#rules.changes()) {
      try {
        // All changes of one save are in force with the first that is told.
        if (this.#book.pack !== this.#rules.pack) this.#book.replace(this.#rules.pack);
        tellLog(change);
        this.#untold.push(...announcementOf(change));
        this.tick();
      } catch (error) {
        log.error("a change of rules could not be told of yet: {reason}", {
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
}

function tellLog({ kind, ruleId, ruleVersion, change, problem }: RuleChange): void {
  const what = kind === "table" ? "intel table" : kind;
  const fault = problem === undefined ? undefined : formatProblem(problem);
  const words = { ruleId, ruleVersion, change, fault };
  if (fault === undefined && kind !== "rule") log.info(`${what} {ruleId} {change}`, words);
  else if (fault === undefined) log.info(`${what} {ruleId} version {ruleVersion} {change}`, words);
  else if (ruleVersion === 0) log.error(`${what} {ruleId} rejected: {fault}`, words);
  else log.error(`${what} {ruleId} rejected, version {ruleVersion} stays: {fault}`, words);
}

/** A file whose name cannot be part of a subject was told of in the log; nobody could subscribe to it. */
function announcementOf(
  { kind, ruleId, ruleVersion, change, problem }: RuleChange,
): readonly Announcement[] {
  if (kind !== "rule" || !/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(ruleId)) return [];
  return [{
    subject: ruleReloadedSubject(ruleId),
    type: RULE_RELOADED_TYPE,
    payload: {
      rule_id: ruleId,
      rule_version: ruleVersion,
      change,
      ...(problem !== undefined && { error: formatProblem(problem) }),
    },
  }];
}
