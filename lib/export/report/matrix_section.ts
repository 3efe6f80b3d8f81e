import type { ReportData } from "./data.ts";
import { type Html, html } from "./html.ts";
import type { Cell, SubCell, TacticColumn } from "./matrix_columns.ts";
import { confidence, count, counted, evidenceAnchor, timeOf } from "./phrases.ts";

/** Steps of the heat map; the style sheet has a colour for each. */
const HEAT_STEPS = 5;

/** The counts between which the colours lie. */
interface HeatRange {
  readonly fewest: number;
  readonly most: number;
}

/** The matrix as a heat map: a column a tactic, a cell a technique that unfolds. */
export function matrixSection({ matrices }: ReportData): Html {
  return html`<section id="matrix" aria-labelledby="matrix-title">
<div class="head"><h2 id="matrix-title">Matrix</h2>${legend()}</div>
${
    matrices.map(({ domain, columns }) => {
      const tags = columns.flatMap(({ cells }) => cells.map((cell) => cell.tags));
      const range = { fewest: Math.min(...tags), most: Math.max(...tags) };
      return html`${matrices.length > 1 && html`<h3 class="domain">${domain}</h3>`}
<div class="matrix" role="group" aria-label="${domain} matrix">
${columns.map((column) => columnMarkup(column, range))}</div>`;
    })
  }
</section>`;
}

function legend(): Html {
  const steps = Array.from(
    { length: HEAT_STEPS },
    (_, index) => html`<i class="h${index + 1}"></i>`,
  );
  return html`<p class="legend"><span>fewer</span>${steps}<span>more tags</span>
<span class="bar-key">${bar(0.7)} best confidence</span></p>`;
}

function columnMarkup(column: TacticColumn, range: HeatRange): Html {
  const { id, name, url, tags, cells, unseen } = column;
  const title = name === "" ? id : name;
  return html`
    <div class="tactic${tags === 0 && " none"}">
      <h3>${url === undefined ? title : html`<a href="${url}" rel="noreferrer">${title}</a>`}
    <small>${id} · ${tags === 0 ? "none" : counted(tags, "tag")}</small></h3>
      <div>${cells.map((cell) => cellMarkup(column, cell, range))}
    ${unseen.length > 0 && html`
      <details class="unseen">
        <summary>${count(unseen.length)} not seen</summary>
        <ul>${unseen.map((technique) =>
          html`<li><span class="id">${technique.id}</span> ${technique.name}</li>`
        )}</ul>
      </details>
    `}</div>
    </div>
  `;
}

function cellMarkup({ id: tactic }: TacticColumn, cell: Cell, range: HeatRange): Html {
  const { id, name, url, own, subs, firstSeen, lastSeen } = cell;
  const anchor = evidenceAnchor(tactic, id);
  return html`
    <details class="cell h${heatStep(cell.tags, range)}" data-best="${cell
      .bestConfidence}" data-evidence="${anchor}">
      <summary><span class="name">${breakable(name === "" ? id : name)}</span>
    <span class="sums"><span class="id">${id}</span> <b>${count(
      cell.tags,
    )}<span class="vh"> tags, best confidence</span></b> <span class="best">${confidence(
      cell.bestConfidence,
    )}</span></span>${bar(cell.bestConfidence)}</summary>
      <div class="more">
    ${subs.length > 0 &&
      html`<ul>${own !== undefined && subMarkup(tactic, { id, name: "no sub-technique", ...own })}${
        subs.map((sub) => subMarkup(tactic, sub))
      }</ul>`}
    <p>${timeOf(firstSeen)} to ${timeOf(lastSeen)}</p>
    <p class="go"><a href="#${anchor}">Evidence</a>${url !== undefined && html`
      <a href="${url}" rel="noreferrer">ATT&amp;CK page</a>
    `}</p>
      </div>
    </details>
  `;
}

/** A name that may go on in the next line behind a slash, as in `Deobfuscate/Decode`. */
function breakable(name: string): Html {
  return html`${name.split("/").map((part, index) => index === 0 ? part : html`/<wbr>${part}`)}`;
}

function subMarkup(tactic: string, sub: SubCell): Html {
  const short = sub.id.includes(".") ? sub.id.slice(sub.id.indexOf(".")) : sub.id;
  return html`<li><a href="#${
    evidenceAnchor(tactic, sub.id)
  }"><span class="id">${short}</span> ${sub.name}</a>
<span class="sums"><b>${
    count(sub.tags)
  }<span class="vh"> tags, best confidence</span></b> <span class="best">${
    confidence(sub.bestConfidence)
  }</span></span></li>`;
}

/** How full a confidence is. */
export function bar(value: number): Html {
  return html`
    <svg class="bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="3" />
      <rect width="${Math.round(value * 100)}" height="3" />
    </svg>
  `;
}

/** On a logarithmic scale from the fewest to the most: few techniques have most of the tags. */
function heatStep(tags: number, { fewest, most }: HeatRange): number {
  if (fewest === most) return Math.ceil(HEAT_STEPS / 2);
  const share = Math.log(tags / fewest) / Math.log(most / fewest);
  return 1 + Math.round((HEAT_STEPS - 1) * share);
}
