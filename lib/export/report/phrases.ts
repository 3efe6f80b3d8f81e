import { pageText } from "../../text/html.ts";
import { type Html, html } from "./html.ts";

/** Longest name of a machine, session or attacker, in characters. */
const MAX_NAME = 80;

/** A count as people write it: `1,234,567`. */
export function count(number: number): string {
  return number.toLocaleString("en");
}

/** A count with its noun in the right number. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A time to the minute, in UTC. */
export function minute(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

/** A time to the second, in UTC. */
export function second(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** A time to the minute as an element that machines read too. */
export function timeOf(iso: string): Html {
  return html`<time datetime="${iso}">${minute(iso)}</time>`;
}

/** A confidence, `0.95`. */
export function confidence(value: number): string {
  return value.toFixed(2);
}

/** Where in the page the evidence of a technique or sub-technique under a tactic stands. */
export function evidenceAnchor(tactic: string, id: string): string {
  return `e-${tactic}-${id}`.replace(/[^\w.-]/g, "_");
}

/** A phase as people write it: `Lateral movement`. */
export function phaseName(phase: string): string {
  const words = phase.replaceAll("_", " ");
  return words[0]!.toUpperCase() + words.slice(1);
}

/** A name that a stranger chose, as far as there is room for it. */
export function shortName(text: string): string {
  return pageText(text, MAX_NAME);
}
