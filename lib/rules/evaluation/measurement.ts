import { ABUSE_GROUPS, type AbuseGroup, saysPurpose } from "./abuse.ts";
import type { AbuseItem, BenignItem, CorpusItem, RequestItem, TrafficItem } from "./corpus.ts";
import { share } from "./figures.ts";
import { Findings } from "./findings.ts";
import { HoneypotLines } from "./honeypot_lines.ts";
import { byTechnique, entryOf, type Found, type Labeller, parentOf } from "./label.ts";
import type { Report, Share } from "./report.ts";
import { TechniqueTests } from "./technique_tests.ts";

/** Labels below it do not count: the operating point that people are advised to use. */
export const DEFAULT_EVALUATION_FLOOR = 0.6;

/** Discovery and Reconnaissance: what administrators do all day, and no noise. */
const QUIET_TACTICS: ReadonlySet<string> = new Set(["TA0007", "TA0043"]);

/** What anybody does all day: changes modes, removes files, runs scripts, changes passwords, stops services. */
const EVERYDAY_TECHNIQUES: ReadonlySet<string> = new Set([
  "T1222.002",
  "T1070.004",
  "T1059.004",
  "T1098",
  "T1489",
]);

/** Sensible answers for requests that exploit one defect; a mere proof of XSS is scanning. */
const EXPLOIT_TECHNIQUES: ReadonlySet<string> = new Set(["T1190", "T1505", "T1210", "T1595"]);

/** Counts how rules do on a labelled corpus. */
export class Measurement {
  readonly #labeller: Labeller;
  readonly #floor: number;
  readonly #findings = new Findings();
  readonly #honeypot = new HoneypotLines();
  readonly #tests = new TechniqueTests();
  readonly #abuse = new Map<string, { count: number; right: number }>();
  readonly #requests = new Map<RequestItem["label"], { count: number; hit: number }>();
  readonly #benign = { count: 0, noisy: 0, everyday: 0 };
  readonly #traffic = { distinct: 0, distinct_labelled: 0, typed: 0, typed_labelled: 0 };

  /**
   * @param labeller gives the labels
   * @param floor labels below it do not count
   */
  constructor(labeller: Labeller, floor: number = DEFAULT_EVALUATION_FLOOR) {
    this.#labeller = labeller;
    this.#floor = floor;
  }

  /**
   * Measures one item.
   *
   * @param collection name of the file that it comes from
   */
  add(item: CorpusItem, collection: string): void {
    switch (item.type) {
      case "honeypot":
        return this.#honeypot.add(item, this.#commands(item.text), this.#floor, this.#findings);
      case "test": {
        const labels = this.#labeller.commands(item.lines);
        return this.#tests.add(item, collection, labels, this.#floor, this.#findings);
      }
      case "abuse":
        return this.#addAbuse(item);
      case "requests":
        return this.#addRequests(item);
      case "traffic":
        return this.#addTraffic(item);
      case "benign":
        return this.#addBenign(item);
    }
  }

  #commands(text: string) {
    return this.#labeller.commands([text]);
  }

  #addAbuse({ id, purpose, text }: AbuseItem): void {
    const found = byTechnique(this.#commands(text), this.#floor);
    const right = saysPurpose(purpose, found.keys());
    const tally = entryOf(this.#abuse, purpose, () => ({ count: 0, right: 0 }));
    tally.count += 1;
    if (right === true) tally.right += 1;
    else if (right === false) this.#findings.missed(id, purpose, text, found.keys());
  }

  #addRequests({ id, label, requests }: RequestItem): void {
    const found = byTechnique(this.#labeller.requests(requests), this.#floor);
    const hit = label === "exploit"
      ? [...found.keys()].some((technique) => EXPLOIT_TECHNIQUES.has(parentOf(technique)))
      : found.size > 0;
    const tally = entryOf(this.#requests, label, () => ({ count: 0, hit: 0 }));
    tally.count += 1;
    if (hit) tally.hit += 1;
    if (hit === (label !== "ordinary")) return;
    const text = requests.map((request) => JSON.stringify(request)).join("\n");
    if (label === "ordinary") this.#findings.noise(id, text, found);
    else this.#findings.missed(id, label, text, found.keys());
  }

  #addTraffic({ text, count }: TrafficItem): void {
    const labelled = byTechnique(this.#commands(text), this.#floor).size > 0;
    this.#traffic.distinct += 1;
    this.#traffic.typed += count;
    if (!labelled) return;
    this.#traffic.distinct_labelled += 1;
    this.#traffic.typed_labelled += count;
  }

  #addBenign({ id, text }: BenignItem): void {
    const loud = this.#commands(text).filter(({ tactic }) => !QUIET_TACTICS.has(tactic));
    const found = byTechnique(loud, this.#floor);
    this.#benign.count += 1;
    if (found.size > 0) this.#benign.everyday += 1;
    const noise = new Map<string, Found>(
      [...found].filter(([technique]) => !EVERYDAY_TECHNIQUES.has(technique)),
    );
    if (noise.size === 0) return;
    this.#benign.noisy += 1;
    this.#findings.noise(id, text, noise);
  }

  /** What has been found so far. */
  report(): Report {
    const parts = {
      tests: this.#tests.report(),
      honeypot: this.#honeypot.report(),
      calibration: this.#honeypot.calibration,
      abuse: this.#abuseReport(),
      requests: this.#requestReport(),
      benign: this.#benignReport(),
      traffic: this.#traffic.distinct === 0 ? undefined : { ...this.#traffic },
    };
    const measured = Object.entries(parts).filter(([, part]) => part !== undefined);
    return {
      ...Object.fromEntries(measured) as Partial<Report>,
      techniques: this.#honeypot.techniques,
      rules: this.#findings.rules,
      misses: this.#findings.misses,
      false_alarms: this.#findings.falseAlarms,
    };
  }

  #abuseReport(): Report["abuse"] {
    if (this.#abuse.size === 0) return undefined;
    const groups: Partial<Record<AbuseGroup, Share>> = {};
    for (const group of Object.keys(ABUSE_GROUPS) as AbuseGroup[]) {
      const tallies = ABUSE_GROUPS[group].flatMap((purpose) => this.#abuse.get(purpose) ?? []);
      const count = tallies.reduce((sum, tally) => sum + tally.count, 0);
      const right = tallies.reduce((sum, tally) => sum + tally.right, 0);
      if (count > 0) groups[group] = { count, right, share: share(right, count) };
    }
    const uncounted = [...this.#abuse].filter(([purpose]) => saysPurpose(purpose, []) === undefined)
      .reduce((sum, [, { count }]) => sum + count, 0);
    return { groups, uncounted };
  }

  #requestReport(): Report["requests"] {
    if (this.#requests.size === 0) return undefined;
    const shareOf = (label: "attack" | "exploit"): { [key in typeof label]?: Share } => {
      const tally = this.#requests.get(label);
      if (tally === undefined) return {};
      const { count, hit: right } = tally;
      return { [label]: { count, right, share: share(right, count) } };
    };
    const ordinary = this.#requests.get("ordinary");
    return {
      ...shareOf("attack"),
      ...shareOf("exploit"),
      ...(ordinary !== undefined && {
        ordinary: {
          count: ordinary.count,
          noisy: ordinary.hit,
          noise: ordinary.hit / ordinary.count,
        },
      }),
    };
  }

  #benignReport(): Report["benign"] {
    const { count, noisy, everyday } = this.#benign;
    if (count === 0) return undefined;
    return { count, noisy, noise: noisy / count, everyday, everyday_noise: everyday / count };
  }
}
