import type { Example } from "../../store/queries/examples.ts";
import type { StoredTag } from "../../store/tags/tag_row.ts";
import type { ReportData, RuleFacts } from "./data.ts";
import { evidenceText } from "./evidence_text.ts";
import { type Html, html } from "./html.ts";
import type { Cell, SubCell, TacticColumn } from "./matrix_columns.ts";
import { confidence, count, counted, evidenceAnchor, shortName, timeOf } from "./phrases.ts";

/** What each technique was told by: who, where, when, and why. */
export function evidenceSection(data: ReportData): Html {
  const columns = data.matrices.flatMap((matrix) => matrix.columns);
  return html`<section id="evidence" aria-labelledby="evidence-title">
<div class="head"><h2 id="evidence-title">Evidence</h2><p class="note">at most ${
    counted(data.examples, "example")
  } of a technique out of its newest tags, the surest first, alike ones of an attacker once</p></div>
${
    columns.filter(({ cells }) => cells.length > 0).map((column) =>
      html`<h3>${column.name === "" ? column.id : column.name} <small>${column.id}</small></h3>
${column.cells.map((cell) => cellEvidence(data, column, cell))}`
    )
  }
</section>`;
}

function cellEvidence(data: ReportData, column: TacticColumn, cell: Cell): Html {
  const anchor = evidenceAnchor(column.id, cell.id);
  return html`
    <details class="evidence" data-best="${cell.bestConfidence}" data-anchor="${anchor}">
      <summary><span class="id">${cell.id}</span> <span class="name">${cell.name}</span>
      <span class="sums"><b>${counted(cell.tags, "tag")}</b>
      <span class="best"><span class="vh">best confidence</span> ${confidence(
        cell.bestConfidence,
      )}</span></span></summary>
      <div class="proof" id="${anchor}" tabindex="-1">
        <table>
          <thead><tr>${["When (UTC)", "Who", "Where", "Confidence", "What"].map((title) =>
            html`<th scope="col">${title}</th>`
          )}</tr></thead>
          ${cell.own !== undefined && examplesOf(data, column, cell.id)}
          ${cell.subs.map((sub) => subEvidence(data, column, sub))}
        </table>
      </div>
    </details>
  `;
}

function subEvidence(data: ReportData, column: TacticColumn, { id, name, tags }: SubCell): Html {
  const anchor = evidenceAnchor(column.id, id);
  return html`
    <tbody class="sub" id="${anchor}" tabindex="-1">
      <tr>
        <th colspan="5" scope="rowgroup">
    <span class="id">${id}</span> <b>${name}</b> <small>${counted(tags, "tag")}</small>
        </th>
      </tr>
    </tbody>
    ${examplesOf(data, column, id)}
  `;
}

function examplesOf(data: ReportData, column: TacticColumn, id: string): Html {
  const found = data.evidence.get(`${column.id} ${id}`) ?? [];
  if (found.length === 0) {
    return html`
      <tbody>
        <tr>
          <td colspan="5" class="note">None is among the newest tags.</td>
        </tr>
      </tbody>
    `;
  }
  const byRule = Map.groupBy(found, ({ tag }) => tag.ruleId);
  return html`${Array.from(byRule, ([rule, ofRule]) => ruleEvidence(data, rule, ofRule))}`;
}

/** A rule, which is why, and the tags that it gave. */
function ruleEvidence(data: ReportData, ruleId: string, found: readonly Example[]): Html {
  const facts: RuleFacts | undefined = data.ruleFacts.get(ruleId);
  return html`
    <tbody><tr class="why"><th colspan="5" scope="rowgroup"><span class="id">${ruleId}</span>
    <b>${facts?.name.replaceAll("_", " ")}</b> ${facts?.description}</th></tr>
    ${found.map((example) => exampleRow(data, example))}</tbody>
  `;
}

function exampleRow(data: ReportData, { tag, alike }: Example): Html {
  return html`
    <tr data-confidence="${tag.confidence}">
      <td data-label="When">${timeOf(tag.observedAt)}</td>
      <td data-label="Who">${who(data, tag)}</td>
      <td data-label="Where">${where(tag)}</td>
      <td data-label="Confidence">${confidence(tag.confidence)}</td>
      <td data-label="What" class="what">${evidenceText(tag)}${alike > 1 &&
        html`<small>${count(alike)} alike among the newest</small>`}</td>
    </tr>
  `;
}

function who({ known }: ReportData, { attackerUuid, identityUuid }: StoredTag): Html {
  const attacker = known.get(attackerUuid ?? "");
  const identity = attacker?.identityUuid ?? identityUuid;
  const name = attacker?.ip ?? attackerUuid;
  return html`<span>${
    name !== undefined && html`
      <bdi>${shortName(name)}</bdi>
    `
  }${
    identity !== undefined && html`<small>identity <bdi>${shortName(identity)}</bdi></small>`
  }</span>`;
}

function where({ deckyId, sessionId, sourceKind }: StoredTag): Html {
  const decky = deckyId !== undefined && html`
    <bdi>${shortName(deckyId)}</bdi>
  `;
  const session = sessionId !== undefined &&
    html`
      in <bdi>${shortName(sessionId)}</bdi>
    `;
  return html`<span>${decky}<small>${sourceKind.replaceAll("_", " ")}${session}</small></span>`;
}
