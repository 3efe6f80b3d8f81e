/** One value of an exposition. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LABELS = String.raw`(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\})|(?=\})))*`;
const SAMPLE_REGEXP = new RegExp(
  String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${LABELS})\})? (\+Inf|-Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`,
);
const ENDINGS: Readonly<Record<string, string>> = { counter: "_total", gauge: "", info: "_info" };

/**
 * Reads an exposition as strictly as the specification of OpenMetrics 1.0 is:
 * each family stands together under its type, names end as their type wants,
 * nothing stands twice, and the last line is `# EOF`.
 */
export function parseOpenMetrics(text: string): readonly ParsedSample[] {
  if (!text.endsWith("\n# EOF\n") && text !== "# EOF\n") throw new Error("it has no end");
  const samples: ParsedSample[] = [];
  const families = new Set<string>();
  const seen = new Set<string>();
  let family = "";
  let ending = "";
  for (const line of text.split("\n").slice(0, -2)) {
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|info)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      if (families.has(name)) throw new Error(`${name} is told twice`);
      families.add(name);
      [family, ending] = [name, ENDINGS[type]!];
      continue;
    }
    const [, unit] = /^# UNIT \S+ (\w+)$/.exec(line) ?? [];
    if (unit !== undefined && family.endsWith(`_${unit}`)) continue;
    if (line.startsWith(`# HELP ${family} `)) continue;
    const sample = SAMPLE_REGEXP.exec(line);
    if (sample === null || sample[1] !== family + ending) throw new Error(`no sample: ${line}`);
    const key = line.slice(0, line.lastIndexOf(" "));
    if (seen.has(key)) throw new Error(`it stands twice: ${key}`);
    seen.add(key);
    samples.push({
      name: sample[1],
      labels: labelsOf(sample[2] ?? ""),
      value: Number(sample[3]!.replace("Inf", "Infinity")),
    });
  }
  return samples;
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [
      name,
      value!.replace(/\\(.)/g, (_, one: string) => one === "n" ? "\n" : one),
    ]),
  );
}
