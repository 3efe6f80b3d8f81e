import { getLogger } from "@logtape/logtape";
import type { Attack } from "../attack/matrix.ts";
import { RULE_RELOADED_TYPE, ruleReloadedSubject } from "../bus/subjects.ts";
import { type OverlayContext, type Pack, reload, type RuleChange } from "../rules/overlay.ts";
import { formatProblem } from "../rules/problem.ts";
import type { Announcement } from "./announcements.ts";
import type { Companion, CompanionHost } from "./companion.ts";
import type { RuleBook } from "./rule_book.ts";
import { readRuleDirectory, RuleDirectoryWatch } from "./rule_directory.ts";

const log = getLogger(["ttp", "rules"]);

/** What the reloader works with. */
export interface RuleReloaderParts {
  readonly book: RuleBook;
  /** The built-in pack, over which the directory is laid. */
  readonly base: Pack;
  /** Directory of the operator's own rules. */
  readonly directory: string;
  readonly attack: Attack;
  /** What rules are proven against, made anew for each reload. */
  readonly context: () => OverlayContext;
}

/**
 * Keeps an operator's directory of rules in force: what is saved is proven and
 * then live; of what does not hold, the version before stays, and the log, the
 * bus and the health say so.
 */
export class RuleReloader implements Companion {
  readonly #parts: RuleReloaderParts;
  readonly #watch: RuleDirectoryWatch;
  #host: CompanionHost | undefined;
  #watching: Promise<void> = Promise.resolve();
  /** What is wrong with rules that were rejected, so that each fault is told once. */
  #rejected: ReadonlyMap<string, string> = new Map();

  /** @param parts what it works with */
  constructor(parts: RuleReloaderParts) {
    this.#parts = parts;
    this.#watch = new RuleDirectoryWatch(parts.directory);
  }

  /** Begins to watch the directory. */
  start(host: CompanionHost): void {
    this.#host = host;
    this.#watching = this.#follow();
  }

  /** Nothing to do: the directory tells of its changes. */
  tick(): void {}

  /** Watches no more. */
  async stop(): Promise<void> {
    this.#watch.close();
    await this.#watching;
  }

  /** Reads the directory again and puts in force what holds. */
  reload(): void {
    const { book, base, directory, attack, context } = this.#parts;
    try {
      const files = readRuleDirectory(directory);
      const { pack, changes } = reload(base, book.pack, files, attack, context());
      if (changes.some(({ change }) => change !== "rejected")) book.replace(pack);
      this.#tell(changes);
    } catch (error) {
      // The rules in force stay in force, whatever the directory has become.
      const reason = error instanceof Error ? error.message : String(error);
      log.error("rules stay as they are: {reason}", { reason });
      this.#host?.health.degrade("rules", reason);
    }
  }

  async #follow(): Promise<void> {
    for await (const _ of this.#watch) this.reload();
  }

  #tell(changes: readonly RuleChange[]): void {
    const rejected = new Map<string, string>();
    const news: RuleChange[] = [];
    for (const change of changes) {
      const fault = change.problem === undefined ? undefined : formatProblem(change.problem);
      if (fault !== undefined) rejected.set(change.ruleId, fault);
      if (fault === undefined || this.#rejected.get(change.ruleId) !== fault) news.push(change);
    }
    this.#rejected = rejected;
    for (const change of news) tellLog(change);
    if (rejected.size === 0) this.#host?.health.recover("rules");
    else this.#host?.health.degrade("rules", [...rejected.values()].join("; "));
    this.#host?.announce(news.flatMap(announcementOf));
  }
}

function tellLog({ ruleId, ruleVersion, change, problem }: RuleChange): void {
  if (problem === undefined) {
    log.info("rule {ruleId} version {ruleVersion} {change}", { ruleId, ruleVersion, change });
  } else {
    log.error("rule {ruleId} rejected, version {ruleVersion} stays: {problem}", {
      ruleId,
      ruleVersion,
      problem: formatProblem(problem),
    });
  }
}

/** A file whose name cannot be part of a subject was told of in the log; nobody could subscribe to it. */
function announcementOf(
  { ruleId, ruleVersion, change, problem }: RuleChange,
): readonly Announcement[] {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(ruleId)) return [];
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
