import { createHash } from "node:crypto";
import { MITRE_NOTICE } from "../../attack/notice.ts";
import { phasesSection, timelineSection } from "./activity_section.ts";
import { gatherReport, type ReportData, type ReportJob } from "./data.ts";
import { evidenceSection } from "./evidence_section.ts";
import { type Html, Html as Markup, html } from "./html.ts";
import { matrixSection } from "./matrix_section.ts";
import script from "./page_script.js" with { type: "text" };
import { count, minute } from "./phrases.ts";
import { STYLE } from "./style.ts";
import { tablesSection } from "./tables_section.ts";

/** Nothing is loaded, nothing is sent, and only the page's own script and style are obeyed. */
const POLICY = [
  "default-src 'none'",
  `script-src '${hashOf(script)}'`,
  `style-src '${hashOf(STYLE)}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** A square of the heat map. */
const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E" +
  "%3Cpath fill='%23c2410c' d='M0 0h5v5H0z'/%3E%3Cpath fill='%23f4a76b' d='M5 0h3v8H0V5h5z'/%3E%3C/svg%3E";

/**
 * The report of what the job means, as one self-contained page.
 *
 * @throws {StoreError} when the database failed
 */
export function htmlReport(job: ReportJob): string {
  return reportPage(gatherReport(job));
}

/** A report as one self-contained page: it loads nothing, and is read without its script too. */
export function reportPage(data: ReportData): string {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="${data.program}">
        <title>ATT&amp;CK report: ${data.scope}</title>
        <link rel="icon" href="${new Markup(ICON)}">
        <style>${new Markup(STYLE)}</style>
      </head>
      <body>
    <a class="skip" href="#main">Skip to the matrix</a>
    ${header(data)}
    <main id="main" tabindex="-1">
    ${data.totals === undefined
      ? html`<p class="empty">Nothing was seen${
        data.scope !== "everything" && ` of ${data.scope}`
      }.</p>`
      : html`${controls()}
${matrixSection(data)}
${phasesSection(data)}
${timelineSection(data)}
${tablesSection(data)}
${evidenceSection(data)}`}
    </main>
    ${footer(data)}
    <script>${new Markup(script)}</script>
      </body>
    </html>
  `.text.trimStart();
}

function header(
  { totals, scope, releases, now, techniques, matrices, attackers, deckies }: ReportData,
): Html {
  const made = now.toISOString();
  const tactics = matrices.flatMap(({ columns }) => columns).filter(({ tags }) => tags > 0).length;
  const names = new Set(techniques.map((one) => one.subTechniqueId ?? one.techniqueId));
  const figures: readonly (readonly [number, one: string, several: string])[] = [
    [totals?.tags ?? 0, "tag", "tags"],
    [names.size, "technique", "techniques"],
    [tactics, "tactic", "tactics"],
    [attackers.total, "attacker", "attackers"],
    [deckies.total, "decky", "deckies"],
  ];
  return html`
    <header>
      <div class="top"><div><h1>ATT&amp;CK report</h1>
    <p class="scope"><bdi>${scope}</bdi>${totals !== undefined &&
      html`
        · ${minute(totals.firstSeen)} to ${minute(totals.lastSeen)} UTC · ATT&amp;CK ${releases
          .join(", ")}
      `}<span class="made"> · made <time datetime="${made}">${minute(made)}</time></span></p></div>
    <button type="button" id="theme" hidden>Dark</button></div>
      <dl class="figures">${figures.map(([number, one, several]) =>
        html`
          <div>
            <dt>${number === 1 ? one : several}</dt>
            <dd>${count(number)}</dd>
          </div>
        `
      )}</dl>
    </header>
  `;
}

/** Shown by the script alone: without it they would do nothing. */
function controls(): Html {
  return html`
    <form id="controls" role="search" hidden>
      <input type="search" id="filter" placeholder="Filter: technique, rule, command, address"
        aria-label="Filter" autocomplete="off" spellcheck="false">
      <span><label for="least">Confidence</label> <select id="least">${[
        0,
        0.3,
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
      ].map((least) =>
        html`<option value="${least}">${least === 0 ? "any" : `from ${least}`}</option>`
      )}</select></span>
      <label class="check"><input type="checkbox" id="unseen"> Techniques not seen</label>
      <button type="button" id="unfold" aria-pressed="false">Unfold all</button>
      <output id="found" aria-live="polite"></output>
    </form>
  `;
}

function footer({ program }: ReportData): Html {
  return html`
    <footer>
      <p>Made by ${program}. Times are UTC, and those at which tags were written. The count of a technique holds those of its sub-techniques. Characters that would hide or reorder text are spelled out, such as ${"\\u202e"}.</p>
      <details>
        <summary>MITRE ATT&amp;CK notice</summary>
        <pre>${MITRE_NOTICE}</pre>
      </details>
    </footer>
  `;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;
}
