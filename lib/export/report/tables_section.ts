import { MAX_READ, type NameCount } from "../../store/queries/top_by_count.ts";
import { tacticOf, techniqueOf } from "../named.ts";
import type { ReportData } from "./data.ts";
import { type Html, html } from "./html.ts";
import { bar } from "./matrix_section.ts";
import { confidence, count, evidenceAnchor, shortName, timeOf } from "./phrases.ts";

/** Rows of the tables of techniques and rules. */
const MAX_ROWS = 20;

/** Techniques, rules, attackers and deckies with the most tags. */
export function tablesSection(data: ReportData): Html {
  return html`<div class="tables">
${techniquesTable(data)}
${rulesTable(data)}
${topTable(data, "attackers", "Attackers", "Address")}
${topTable(data, "deckies", "Deckies", "Decky")}
</div>`;
}

function techniquesTable({ attack, techniques }: ReportData): Html {
  const rows = techniques.slice(0, MAX_ROWS).map((summary) => {
    const id = summary.subTechniqueId ?? summary.techniqueId;
    return html`
      <tr
        data-best="${summary.bestConfidence}"><th scope="row"><a href="#${evidenceAnchor(
          summary.tactic,
          id,
        )}"><span class="id">${id}</span> ${techniqueOf(attack, summary)?.name}</a>
      <small>${tacticOf(attack, summary)?.name ?? summary.tactic}</small></th>${sums(summary)}</tr>
    `;
  });
  return table("techniques", "Top techniques", "Technique", rows, techniques.length);
}

function rulesTable({ ruleSums, ruleFacts }: ReportData): Html {
  const rows = ruleSums.slice(0, MAX_ROWS).map((summary) => {
    const facts = ruleFacts.get(summary.ruleId);
    return html`
      <tr
        data-best="${summary
          .bestConfidence}"><th scope="row"><a href="#evidence" data-filter="${summary
          .ruleId}"><span class="id">${summary
          .ruleId}</span> ${facts?.name.replaceAll("_", " ")}</a><small>${facts
          ?.description}</small></th>${sums(summary)}</tr>
    `;
  });
  return table("rules", "Rules", "Rule", rows, ruleSums.length);
}

function sums(
  { tags, bestConfidence, lastSeen }: {
    readonly tags: number;
    readonly bestConfidence: number;
    readonly lastSeen: string;
  },
): Html {
  return html`
    <td class="num">${count(tags)}</td>
    <td class="conf">${confidence(bestConfidence)}${bar(bestConfidence)}</td>
    <td class="when">${timeOf(lastSeen)}</td>
  `;
}

function table(id: string, title: string, what: string, rows: readonly Html[], all: number): Html {
  const columns = html`
    <th scope="col">${what}</th>
    <th scope="col" class="num">Tags</th>
    <th scope="col">Best</th>
    <th scope="col">Last (UTC)</th>
  `;
  return tableOf({ id, title, note: shownOf(rows.length, all), columns, rows });
}

function topTable(
  data: ReportData,
  id: "attackers" | "deckies",
  title: string,
  what: string,
): Html {
  const { rows, total, cut } = data[id];
  const newest = cut ? `, told from the newest ${count(MAX_READ)} tags` : "";
  const columns = html`
    <th scope="col">${what}</th>
    <th scope="col" class="num">Tags</th>
    <th scope="col" class="first">First (UTC)</th>
    <th scope="col">Last (UTC)</th>
  `;
  return tableOf({
    ...{ id, title, columns },
    note: shownOf(rows.length, total) + newest,
    rows: rows.map((row) => topRow(row, data.known.get(row.id)?.ip)),
  });
}

function shownOf(rows: number, all: number): string {
  return all > rows ? `${rows} of ${count(all)}` : count(all);
}

function tableOf(
  { id, title, note, columns, rows }: {
    readonly id: string;
    readonly title: string;
    readonly note: string;
    readonly columns: Html;
    readonly rows: readonly Html[];
  },
): Html {
  return html`
    <section id="${id}" aria-labelledby="${id}-title">
      <div class="head">
        <h2 id="${id}-title">${title}</h2>
        <p class="note">${note}</p>
      </div>
      <div class="scroll" role="region" aria-labelledby="${id}-title" tabindex="0">
        <table>
          <thead>
            <tr>
    ${columns}</tr>
          </thead>
          <tbody>
    ${rows}</tbody>
        </table>
      </div>
    </section>
  `;
}

function topRow({ id, tags, firstSeen, lastSeen }: NameCount, ip: string | undefined): Html {
  const name = shortName(ip ?? id);
  return html`
    <tr>
      <th
        scope="row"><a href="#evidence" data-filter="${name}"><bdi>${name}</bdi></a>${ip !==
            undefined && html`<small><bdi>${shortName(id)}</bdi></small>`}</th>
      <td class="num">${count(tags)}</td>
      <td class="when first">${timeOf(firstSeen)}</td>
      <td class="when">${timeOf(lastSeen)}</td>
    </tr>
  `;
}
