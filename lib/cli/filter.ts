import type { Command } from "commander";
import type { Attack } from "../attack/matrix.ts";
import { nearest } from "../attack/spelling.ts";
import type { TagFilter } from "../store/queries/tag_filter.ts";
import { parseDuration } from "./settings/kinds.ts";
import { SettingsError } from "./settings/settings.ts";

/** Options that say which tags are meant. */
export interface FilterOptions {
  readonly since?: string;
  readonly until?: string;
  readonly labelledSince?: string;
  readonly minConfidence?: string;
  readonly tactic?: string;
}

/** Adds the options of `FilterOptions` to a command. */
export function addFilterOptions(command: Command): Command {
  return command
    .option("--since <time>", "only what happened since then: 7d, 12h, or 2026-01-31T12:00Z")
    .option("--until <time>", "only what happened before then, in the same forms")
    .option(
      "--labelled-since <time>",
      "only tags that were written since then, to go on from there",
    )
    .option("--min-confidence <number>", "only tags of at least this confidence, from 0 to 1")
    .option("--tactic <tactic>", "only tags of this tactic: an id, a short name or a name");
}

/**
 * The tags that options mean.
 *
 * @param now times such as `7d` are before this
 * @throws {SettingsError} naming the option that cannot be meant
 */
export function filterOf(options: FilterOptions, attack: Attack, now: Date): TagFilter {
  const since = timeOf("--since", options.since, now);
  const until = timeOf("--until", options.until, now);
  if (since !== undefined && until !== undefined && since >= until) {
    throw new SettingsError("--since must be before --until");
  }
  const labelledSince = timeOf("--labelled-since", options.labelledSince, now);
  const minConfidence = confidenceOf(options.minConfidence);
  const tactic = tacticOf(options.tactic, attack);
  return {
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(labelledSince !== undefined && { labelledSince }),
    ...(minConfidence !== undefined && { minConfidence }),
    ...(tactic !== undefined && { tactic }),
  };
}

function timeOf(option: string, text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = instantOf(text);
    if (time !== undefined) return time;
  } else if (/^[\d.]+[a-z]+$/.test(text)) {
    try {
      const time = new Date(now.getTime() - parseDuration(text));
      if (!Number.isNaN(time.getTime())) return time;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
    }
  }
  throw new SettingsError(
    `${option}: "${text}" is neither a length of time such as 7d nor a time like 2026-01-31T12:00Z`,
  );
}

/** Times are UTC unless they say otherwise, as all that are shown; a day that no month has is none. */
function instantOf(text: string): Date | undefined {
  const [, day, clock = "00:00", zone = "Z"] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i
      .exec(text) ?? [];
  const midnight = new Date(`${day}T00:00Z`);
  const time = new Date(`${day}T${clock}${zone.toUpperCase()}`);
  const isReal = !Number.isNaN(time.getTime()) && midnight.toISOString().startsWith(`${day}T`);
  return isReal ? time : undefined;
}

/** A confidence as `--min-confidence` says it. */
export function confidenceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (number >= 0 && number <= 1) return number;
  throw new SettingsError(`--min-confidence: "${text}" is no number from 0 to 1`);
}

/** The id of a tactic, however `--tactic` says it. */
export function tacticOf(
  text: string | undefined,
  { enterprise, ics }: Attack,
): string | undefined {
  if (text === undefined) return undefined;
  const wanted = text.trim().toLowerCase().replace(/[\s_]+/g, "-");
  const tactics = [...enterprise.tactics, ...ics.tactics];
  const found = tactics.find(({ id, shortname, name }) =>
    [id, shortname, name.replaceAll(" ", "-")].some((known) => known.toLowerCase() === wanted)
  );
  if (found !== undefined) return found.id;
  const names = tactics.map(({ shortname }) => shortname);
  const meant = nearest(wanted, names);
  const remedy = meant === undefined
    ? `the tactics are ${[...new Set(names)].join(", ")}`
    : `did you mean ${meant}?`;
  throw new SettingsError(`--tactic: there is no tactic "${text}"; ${remedy}`);
}
