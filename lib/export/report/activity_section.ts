import { KILL_CHAIN_PHASES } from "../../attack/kill_chain.ts";
import type { PhaseSum, ReportData } from "./data.ts";
import { type Html, html } from "./html.ts";
import { count, counted, minute, phaseName } from "./phrases.ts";
import type { TimeBar } from "./time_bars.ts";

/** What the stages mean, in their order. */
const STAGES = {
  in: ["In", "getting a foothold"],
  through: ["Through", "moving on inside"],
  out: ["Out", "reaching the goal"],
} as const;

/** How far the phases of the Unified Kill Chain were reached. */
export function phasesSection({ phases }: ReportData): Html {
  const most = Math.max(1, ...phases.map(({ tags }) => tags));
  return html`
    <section id="phases" aria-labelledby="phases-title">
      <div class="head">
        <h2 id="phases-title">Kill chain</h2>
      </div>
      <div class="stages">
    ${(Object.keys(STAGES) as (keyof typeof STAGES)[]).map((stage) => {
      const ofStage = phases.filter(({ phase }) => KILL_CHAIN_PHASES[phase] === stage);
      const tags = ofStage.reduce((sum, phase) => sum + phase.tags, 0);
      const [name, meaning] = STAGES[stage];
      return html`
        <div class="stage ${stage}">
          <h3>${name} <small>${meaning} · ${counted(tags, "tag")}</small></h3>
          <ul>${ofStage.map((phase) => phaseMarkup(phase, most))}</ul>
        </div>
      `;
    })}</div>
    </section>
  `;
}

function phaseMarkup({ phase, tags, techniques }: PhaseSum, most: number): Html {
  const width = tags === 0 ? 0 : Math.max(1, Math.round(100 * tags / most));
  return html`
    <li${tags === 0 && html`
      class="none"
    `}><span>${phaseName(phase)}</span>
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="fill" width="${width}" height="10"/></svg>
    <span class="num"><b>${count(tags)}</b><span class="vh"> tags</span>${tags > 0 && html`
      <small>${counted(techniques, "technique")}</small>
    `}</span></li>
  `;
}

/** Tags over time by stage. */
export function timelineSection({ timeline }: ReportData): Html {
  if (timeline.length === 0) return html``;
  const most = Math.max(...timeline.map(({ tags }) => tags));
  const first = timeline[0]!.at;
  const middle = timeline[Math.floor(timeline.length / 2)]!.at;
  const last = timeline.at(-1)!.at;
  const hasOther = timeline.some(({ stages }) => stages.other > 0);
  return html`
    <section id="timeline" aria-labelledby="timeline-title">
      <div class="head">
        <h2 id="timeline-title">Timeline</h2>
        <p
          class="legend"><i class="in"></i><span>in</span><i class="through"></i><span>through</span><i class="out"></i><span>out</span>${hasOther &&
            html`<i class="other"></i><span>other tactics</span>`}</p>
      </div>
      <figure>
        <div class="chart"><span class="most">${count(most)}</span>
    <svg viewBox="0 0 ${timeline.length *
      10} 100" preserveAspectRatio="none" role="img" aria-label="Tags over time from ${minute(
        first,
      )} to ${minute(last)} UTC, at most ${counted(
        most,
        "tag",
      )} at once; the table below has the numbers">
    ${timeline.map((one, index) => barMarkup(one, index, most))}</svg></div>
        <figcaption><span>${minute(first)}</span>${timeline.length > 8 &&
          html`<span>${minute(middle)}</span>`}${timeline.length > 1 &&
          html`<span>${minute(last)} UTC</span>`}</figcaption>
      </figure>
      <details>
        <summary>Numbers</summary>
        <div class="scroll" role="region" aria-label="Tags over time" tabindex="0">
          <table>
            <thead>
              <tr>
                <th scope="col">From (UTC)</th>
                <th scope="col" class="num">Tags</th>
                <th scope="col" class="num">In</th>
                <th scope="col" class="num">Through</th>
                <th scope="col" class="num">Out</th>
                <th scope="col" class="num">Other</th>
              </tr>
            </thead>
            <tbody>${timeline.filter(({ tags }) => tags > 0).map(rowMarkup)}</tbody>
          </table>
        </div>
      </details>
    </section>
  `;
}

function barMarkup({ at, tags, stages }: TimeBar, index: number, most: number): Html {
  if (tags === 0) return html``;
  let top = 100;
  const rects = (["in", "through", "out", "other"] as const).map((stage) => {
    const height = Math.round(1000 * stages[stage] / most) / 10;
    top -= height;
    return height > 0 && html`
      <rect class="${stage}" x="${index * 10 + 1}" y="${top.toFixed(
        1,
      )}" width="8" height="${height}" />
    `;
  });
  return html`
    <g><title>${minute(at)}: ${counted(tags, "tag")}</title>${rects}</g>
  `;
}

function rowMarkup({ at, tags, stages }: TimeBar): Html {
  const numbers = [tags, stages.in, stages.through, stages.out, stages.other];
  return html`
    <tr><td>${minute(at)}</td>${numbers.map((number) =>
      html`<td class="num">${count(number)}</td>`
    )}</tr>
  `;
}
