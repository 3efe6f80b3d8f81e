import { KILL_CHAIN_PHASES } from "../../attack/kill_chain.ts";
import { MAX_READ, type TopByCount } from "../../store/queries/top_by_count.ts";
import { tacticOf, techniqueOf } from "../named.ts";
import { gatherReport, type ReportData, type ReportJob } from "./data.ts";
import { cellCode, code, escaped } from "../../text/markdown.ts";
import { confidence, count, counted, minute, phaseName, second } from "./phrases.ts";

/** Rows of a table at most: a ticket is read, not searched. */
const MAX_ROWS = 20;

/** Longest evidence, in characters. */
const MAX_TEXT = 300;

/**
 * The report of what the job means as Markdown, for a ticket.
 *
 * @throws {StoreError} when the database failed
 */
export function markdownReport(job: ReportJob): string {
  return reportMarkdown(gatherReport(job));
}

/** A report as Markdown of the GitHub kind. */
export function reportMarkdown(data: ReportData): string {
  const { totals, scope, program, now, attackers, deckies, releases, known } = data;
  const made = `Made by ${program}, ${minute(now.toISOString())} UTC.`;
  const title = `# ATT&CK report: ${/^[\w .,:-]+$/.test(scope) ? scope : code(scope)}`;
  if (totals === undefined) return `${title}\n\nNothing was seen. ${made}\n`;
  const sections = [
    title,
    `**${counted(totals.tags, "tag")}** from ${minute(totals.firstSeen)} to ${
      minute(totals.lastSeen)
    } UTC, ${counted(attackers.total, "attacker")}, ${count(deckies.total)} ${
      deckies.total === 1 ? "decky" : "deckies"
    }. ATT&CK ${releases.map(escaped).join(", ")}. ${made}`,
    story(data),
    techniques(data),
    killChain(data),
    rules(data),
    topTable("Attackers", attackers, known),
    topTable("Deckies", deckies, known),
    evidence(data),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** What happened in the session that the report is about, second by second. */
function story({ story }: ReportData): string {
  const rows = story.map(({ observedAt, sourceKind, directory, text, tags }) => [
    second(observedAt),
    escaped(sourceKind),
    directory === undefined ? "" : cellCode(directory),
    text === undefined ? "" : cellCode(text),
    [...new Set(tags.map((tag) => escaped(tag.subTechniqueId ?? tag.techniqueId)))].join(", "),
  ]);
  return table("## What happened", ["When (UTC)", "Kind", "Directory", "What", "Labels"], rows);
}

function techniques({ attack, techniques }: ReportData): string {
  const rows = techniques.slice(0, MAX_ROWS).map((summary) => [
    `${escaped(summary.subTechniqueId ?? summary.techniqueId)} ${
      escaped(techniqueOf(attack, summary)?.name ?? "")
    }`,
    escaped(tacticOf(attack, summary)?.name ?? summary.tactic),
    count(summary.tags),
    confidence(summary.bestConfidence),
    minute(summary.lastSeen),
  ]);
  const columns = ["Technique", "Tactic", "Tags", "Best", "Last (UTC)"];
  return table(heading("Techniques", rows.length, techniques.length), columns, rows);
}

function killChain({ phases }: ReportData): string {
  const rows = phases.filter(({ tags }) => tags > 0).map(({ phase, tags, techniques }) => [
    KILL_CHAIN_PHASES[phase],
    phaseName(phase),
    count(tags),
    count(techniques),
  ]);
  return table("## Kill chain", ["Stage", "Phase", "Tags", "Techniques"], rows);
}

function rules({ ruleSums, ruleFacts }: ReportData): string {
  const rows = ruleSums.slice(0, MAX_ROWS).map(({ ruleId, tags, bestConfidence }) => [
    escaped(`${ruleId} ${ruleFacts.get(ruleId)?.name.replaceAll("_", " ") ?? ""}`.trimEnd()),
    count(tags),
    confidence(bestConfidence),
  ]);
  return table(heading("Rules", rows.length, ruleSums.length), ["Rule", "Tags", "Best"], rows);
}

function topTable(
  title: string,
  { rows, total, cut }: TopByCount,
  known: ReportData["known"],
): string {
  const among = cut ? `, told from the newest ${count(MAX_READ)} tags` : "";
  return table(
    `${heading(title, rows.length, total)}${among}`,
    ["Who", "Tags", "First (UTC)", "Last (UTC)"],
    rows.map(({ id, tags, firstSeen, lastSeen }) => [
      cellCode(known.get(id)?.ip ?? id),
      count(tags),
      minute(firstSeen),
      minute(lastSeen),
    ]),
  );
}

function evidence({ attack, techniques, evidence, ruleFacts, known }: ReportData): string {
  const parts = techniques.slice(0, MAX_ROWS).flatMap((summary) => {
    const id = summary.subTechniqueId ?? summary.techniqueId;
    return (evidence.get(`${summary.tactic} ${id}`) ?? []).map(({ tag }) => {
      const name = techniqueOf(attack, summary)?.name ?? "";
      const rule = ruleFacts.get(tag.ruleId);
      const who = tag.attackerUuid ?? tag.identityUuid ?? "";
      const { matched } = tag.evidence;
      const what = typeof matched === "string" ? matched : JSON.stringify(tag.evidence);
      const where = tag.deckyId === undefined ? "" : ` on ${code(tag.deckyId)}`;
      return `- **${escaped(id)} ${escaped(name)}**: ${code(what, MAX_TEXT)}\n` +
        `  ${minute(tag.observedAt)} UTC, ${code(known.get(who)?.ip ?? who)}${where}, ` +
        `confidence ${confidence(tag.confidence)}\n` +
        `  ${escaped(tag.ruleId)} ${escaped(rule?.description ?? "")}`.trimEnd();
    });
  });
  return parts.length === 0 ? "" : ["## Evidence", parts.join("\n")].join("\n\n");
}

function heading(title: string, shown: number, all: number): string {
  return `## ${title}${shown < all ? ` (${shown} of ${count(all)})` : ""}`;
}

function table(title: string, columns: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return "";
  const isNumber = (column: string): boolean => ["Tags", "Best", "Techniques"].includes(column);
  const lines = [
    columns,
    columns.map((column) => isNumber(column) ? "--:" : "---"),
    ...rows,
  ].map((cells) => `| ${cells.join(" | ")} |`);
  return [title, "", ...lines].join("\n");
}
