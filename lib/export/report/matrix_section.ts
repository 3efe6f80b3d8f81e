import type { Summary } from "../../store/queries/summaries.ts";
import type { ReportData } from "./data.ts";
import { type Html, html } from "./html.ts";
import type { Cell, SubCell, TacticColumn } from "./matrix_columns.ts";
import { confidence, count, counted, evidenceAnchor, timeOf } from "./phrases.ts";

/** Steps of the heat map; the style sheet has a colour for each. */
const HEAT_STEPS = 5;

/** The matrix as a heat map: a column a tactic, a cell a technique that unfolds. */
export function matrixSection({ matrices }: ReportData): Html {
  return html`<section id="matrix" aria-labelledby="matrix-title">
<div class="head"><h2 id="matrix-title">Matrix</h2>${legend()}</div>
${
    matrices.map(({ domain, columns }) => {
      const most = Math.max(1, ...columns.flatMap(({ cells }) => cells.map(({ tags }) => tags)));
      return html`${matrices.length > 1 && html`<h3 class="domain">${domain}</h3>`}
<div class="matrix" role="group" aria-label="${domain} matrix">
${columns.map((column) => columnMarkup(column, most))}</div>`;
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

function columnMarkup(column: TacticColumn, most: number): Html {
  const { id, name, url, tags, cells, unseen } = column;
  const title = name === "" ? id : name;
  return html`
    <div class="tactic${tags === 0 && " none"}">
    <h3>${url === undefined ? title : html`<a href="${url}" rel="noreferrer">${title}</a>`}
    <small>${id} · ${tags === 0 ? "nothing seen" : counted(tags, "tag")}</small></h3>
    ${cells.map((cell) => cellMarkup(column, cell, most))}
    ${unseen.length > 0 && html`
      <details class="unseen">
        <summary>${count(unseen.length)} not seen</summary>
        <ul>${unseen.map((technique) =>
          html`<li><span class="id">${technique.id}</span> ${technique.name}</li>`
        )}</ul>
      </details>
    `}
    </div>
  `;
}

function cellMarkup({ id: tactic }: TacticColumn, cell: Cell, most: number): Html {
  const { id, name, url, own, subs, firstSeen, lastSeen } = cell;
  const anchor = evidenceAnchor(tactic, id);
  return html`
    <details class="cell h${heat(cell.tags, most)}" data-best="${cell
      .bestConfidence}" data-evidence="${anchor}">
      <summary><span class="name">${name === "" ? id : name}</span>
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

/** On a logarithmic scale: few techniques have most of the tags. */
function heat(tags: Summary["tags"], most: number): number {
  if (most === 1) return 1;
  return Math.max(1, Math.ceil(HEAT_STEPS * Math.log(1 + tags) / Math.log(1 + most)));
}
