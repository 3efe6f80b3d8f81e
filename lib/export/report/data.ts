import { KILL_CHAIN_PHASES, type KillChainPhase, phaseOf } from "../../attack/kill_chain.ts";
import type { Attack } from "../../attack/matrix.ts";
import type { Rule } from "../../rules/rule.ts";
import type { Attacker } from "../../store/attackers.ts";
import { type Example, examples } from "../../store/queries/examples.ts";
import { MAX_READ, type TopByCount, topByCount } from "../../store/queries/top_by_count.ts";
import { sessionStory, type StoryStep } from "../../store/queries/session_story.ts";
import type { RuleSummary, Summary, TechniqueSummary } from "../../store/queries/summaries.ts";
import { sums } from "../../store/queries/sums.ts";
import type { TagFilter } from "../../store/queries/tag_filter.ts";
import type { Store } from "../../store/store.ts";
import { domainTactics, type TacticColumn } from "./matrix_columns.ts";
import { type TimeBar, timeBars } from "./time_bars.ts";

/** What a report is made from. */
export interface ReportJob {
  readonly store: Store;
  readonly attack: Attack;
  /** Rules by which tags are explained; tags of others stay without a name. */
  readonly rules: readonly Rule[];
  readonly filter: TagFilter;
  /** Says in words what `filter` means. */
  readonly scope: string;
  readonly now: Date;
  /** Name and version of the program. */
  readonly program: string;
  /** Evidence shown of each technique at most. */
  readonly examples: number;
}

/** What a rule says of itself. */
export interface RuleFacts {
  readonly name: string;
  readonly description?: string;
}

/** The tags of one phase of the kill chain. */
export interface PhaseSum {
  readonly phase: KillChainPhase;
  readonly tags: number;
  readonly techniques: number;
}

/** Everything that a report shows. */
export interface ReportData extends Omit<ReportJob, "store" | "rules" | "filter"> {
  /** Nothing when there are no tags. */
  readonly totals: Summary | undefined;
  /** ATT&CK releases of the tags. */
  readonly releases: readonly string[];
  readonly techniques: readonly TechniqueSummary[];
  /** Columns of every domain that has tags, Enterprise first; Enterprise alone when none has. */
  readonly matrices: readonly {
    readonly domain: string;
    readonly columns: readonly TacticColumn[];
  }[];
  readonly phases: readonly PhaseSum[];
  readonly timeline: readonly TimeBar[];
  readonly ruleSums: readonly RuleSummary[];
  readonly attackers: TopByCount;
  readonly deckies: TopByCount;
  /** Of a report on one session, what happened in it, in order. */
  readonly story: readonly StoryStep[];
  readonly evidence: ReadonlyMap<string, readonly Example[]>;
  /** What else is known of the attackers that the page names, by uuid. */
  readonly known: ReadonlyMap<string, Attacker>;
  readonly ruleFacts: ReadonlyMap<string, RuleFacts>;
}

/** Evidence on a page at most, so that a browser can still open it: of many techniques each has less. */
const MAX_EXAMPLES = 2000;

/** Rows of the tables of attackers and deckies. */
const MAX_ROWS = 20;

/**
 * Gathers what a report shows, all from one moment, in bounded time and memory.
 *
 * @throws {StoreError} when the database failed
 */
export function gatherReport(job: ReportJob): ReportData {
  return job.store.database.snapshot(() => gather(job));
}

function gather(job: ReportJob): ReportData {
  const { store, rules, filter, ...rest } = job;
  const { attack } = job;
  const { totals, techniques, rules: ruleSums } = sums(store, filter);
  const share = Math.max(1, Math.floor(MAX_EXAMPLES / Math.max(1, techniques.length)));
  const shown = Math.min(job.examples, share);
  const evidence = examples(store, techniques, filter, shown);
  const attackers = topOf(job, "attacker", totals);
  const uuids = [
    ...attackers.rows.map(({ id }) => id),
    ...[...evidence.values()].flat().flatMap(({ tag }) => tag.attackerUuid ?? []),
  ];
  return {
    ...rest,
    examples: shown,
    totals,
    releases: [...new Set(techniques.map(({ attackRelease }) => attackRelease))].sort(),
    techniques,
    matrices: domainTactics(attack, techniques),
    phases: phaseSums(techniques),
    timeline: totals === undefined ? [] : timeBars(store, filter, totals),
    ruleSums,
    attackers,
    story: filter.sessionId === undefined
      ? []
      : sessionStory(store, filter.sessionId, filter, MAX_EXAMPLES),
    deckies: topOf(job, "decky", totals),
    evidence,
    known: knownOf(store, uuids),
    ruleFacts: new Map(rules.map(({ document }) => [document.rule_id, document])),
  };
}

/** Of who is named, the sums are known already. */
function topOf(
  { store, filter }: ReportJob,
  kind: "attacker" | "decky",
  totals: Summary | undefined,
): TopByCount {
  const named = kind === "attacker" ? filter.attackerUuid : filter.deckyId;
  if (named === undefined) {
    return topByCount(store, kind, filter, { limit: MAX_ROWS, maxRead: MAX_READ });
  }
  if (totals === undefined) return { rows: [], total: 0, cut: false };
  const { tags, firstSeen, lastSeen } = totals;
  return { rows: [{ id: named, tags, firstSeen, lastSeen }], total: 1, cut: false };
}

function knownOf({ attackers }: Store, uuids: readonly string[]): ReadonlyMap<string, Attacker> {
  return new Map([...new Set(uuids)].flatMap((uuid) => {
    const attacker = attackers.byUuid(uuid);
    return attacker === undefined ? [] : [[uuid, attacker] as const];
  }));
}

/** Every phase in the order of the chain, also those without tags. */
function phaseSums(techniques: readonly TechniqueSummary[]): readonly PhaseSum[] {
  const byPhase = Map.groupBy(techniques, ({ tactic }) => phaseOf(tactic));
  return (Object.keys(KILL_CHAIN_PHASES) as KillChainPhase[]).map((phase) => {
    const seen = byPhase.get(phase) ?? [];
    return {
      phase,
      tags: seen.reduce((sum, { tags }) => sum + tags, 0),
      techniques: new Set(seen.map((one) => one.subTechniqueId ?? one.techniqueId)).size,
    };
  });
}
