/** One value of a family, with what tells it from the others. */
export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Values of one kind. */
export interface MetricFamily {
  /** In snake_case, with its unit, without the ending `_total` or `_info`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "info";
  /** One sentence without a full stop. */
  readonly help: string;
  /** Unit that the name ends in, e.g. `seconds`. */
  readonly unit?: string;
  readonly samples: readonly MetricSample[];
}

/** Media type of the text that `openMetrics()` makes. */
export const OPEN_METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const NAME_REGEXP = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

const ENDINGS: Readonly<Record<MetricFamily["type"], string>> = {
  counter: "_total",
  gauge: "",
  info: "_info",
};

/**
 * Families as text in the exposition format of OpenMetrics 1.0, which Prometheus
 * and its relatives read. Label values may be anything.
 *
 * @throws {TypeError} when a name cannot be one
 */
export function openMetrics(families: readonly MetricFamily[]): string {
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap(familyLines);
  return `${[...lines, "# EOF"].join("\n")}\n`;
}

function familyLines({ name, type, help, unit, samples }: MetricFamily): readonly string[] {
  requireName(name);
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(({ labels = {}, value }) =>
      `${name}${ENDINGS[type]}${labelText(labels)} ${numberText(value)}`
    ),
  ];
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    requireName(name);
    return `${name}="${escaped(value).replaceAll('"', '\\"')}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

function requireName(name: string): void {
  if (!NAME_REGEXP.test(name)) throw new TypeError(`${JSON.stringify(name)} is no metric or label`);
}
