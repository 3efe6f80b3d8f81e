import type { Example } from "../../store/queries/examples.ts";
import type { StoredTag } from "../../store/tag_row.ts";
import type { ReportData, RuleFacts } from "./data.ts";
import { evidenceText } from "./evidence_text.ts";
import { type Html, html, spelledOut } from "./html.ts";
import type { Cell, TacticColumn } from "./matrix_columns.ts";
import { confidence, count, counted, evidenceAnchor, timeOf } from "./phrases.ts";

/** Longest name of a machine, session or person, in characters. */
const MAX_NAME = 80;

/** What each technique was told by: who, where, when, and why. */
export function evidenceSection(data: ReportData): Html {
  const columns = data.matrices.flatMap((matrix) => matrix.columns);
  return html`<section id="evidence" aria-labelledby="evidence-title">
<div class="head"><h2 id="evidence-title">Evidence</h2><p class="note">at most ${
    counted(data.examples, "example")
  } of a technique out of its newest tags, the surest first, alike ones once</p></div>
${
    columns.filter(({ cells }) => cells.length > 0).map((column) =>
      html`<h3>${column.name === "" ? column.id : column.name} <small>${column.id}</small></h3>
${column.cells.map((cell) => cellEvidence(data, column, cell))}`
    )
  }
</section>`;
}

function cellEvidence(data: ReportData, column: TacticColumn, cell: Cell): Html {
  const parts = [
    ...(cell.own === undefined ? [] : [{ ...cell.own, id: cell.id, name: "" }]),
    ...cell.subs,
  ];
  return html`
    <details class="evidence" data-best="${cell.bestConfidence}" data-anchor="${evidenceAnchor(
      column.id,
      cell.id,
    )}">
      <summary><span class="id">${cell.id}</span> <span class="name">${cell.name}</span>
    <span class="sums"><b>${counted(
      cell.tags,
      "tag",
    )}</b> <span class="best"><span class="vh">best confidence </span>${confidence(
      cell.bestConfidence,
    )}</span></span></summary>
      <div class="proof" id="${evidenceAnchor(column.id, cell.id)}" tabindex="-1">
    ${parts.map((part) => {
      const found = data.evidence.get(`${column.id} ${part.id}`) ?? [];
      const isSub = part.id !== cell.id;
      return html`${
        isSub && html`
          <h4 id="${evidenceAnchor(column.id, part.id)}"
            tabindex="-1"><span class="id">${part.id}</span> ${part.name} <small>${counted(
              part.tags,
              "tag",
            )}</small></h4>
        `
      }
${found.length === 0 && html`<p class="note">No example is among the newest tags.</p>`}
${
        Array.from(Map.groupBy(found, ({ tag }) => tag.ruleId), ([rule, ofRule]) =>
          ruleEvidence(data, rule, ofRule))
      }`;
    })}</div>
    </details>
  `;
}

function ruleEvidence(data: ReportData, ruleId: string, found: readonly Example[]): Html {
  const facts: RuleFacts | undefined = data.ruleFacts.get(ruleId);
  return html`
    <p class="why"><span class="id">${ruleId}</span> <b>${facts?.name.replaceAll(
      "_",
      " ",
    )}</b> ${facts?.description}</p>
    <table class="tags">
      <thead>
        <tr>
          <th scope="col">When (UTC)</th>
          <th scope="col">Who</th>
          <th scope="col">Where</th>
          <th scope="col" class="num">Confidence</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
    ${found.map(({ tag, alike }) =>
      html`
        <tr data-confidence="${tag.confidence}">
          <td data-label="When">${timeOf(tag.createdAt)}</td>
          <td data-label="Who">${who(data, tag)}</td>
          <td data-label="Where">${where(tag)}</td>
          <td data-label="Confidence" class="num">${confidence(tag.confidence)}</td>
          <td data-label="What" class="what">${evidenceText(tag)}${alike > 1 &&
            html`<small class="alike">${count(alike)} alike among the newest</small>`}</td>
        </tr>
      `
    )}</tbody>
    </table>
  `;
}

function who(data: ReportData, { attackerUuid, identityUuid }: StoredTag): Html {
  const ip = data.addresses.get(attackerUuid ?? "");
  const uuid = attackerUuid ?? identityUuid ?? "";
  return ip === undefined ? html`<bdi>${spelledOut(uuid, MAX_NAME)}</bdi>` : html`<bdi>${ip}</bdi>`;
}

function where({ deckyId, sessionId, sourceKind }: StoredTag): Html {
  return html`${
    deckyId !== undefined && html`
      <bdi>${spelledOut(deckyId, MAX_NAME)}</bdi>
    `
  }<small>${sourceKind.replaceAll("_", " ")}${
    sessionId !== undefined && html`
      in <bdi>${spelledOut(sessionId, MAX_NAME)}</bdi>
    `
  }</small>`;
}
