import {
  type Attributes,
  type Counter,
  createNoopMeter,
  type Histogram,
  metrics,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";

/** Name under which backends find what comes from here. */
const SCOPE = "decnet-ttp";

/** Identifiers come from outside too; longer ones are cut to this many characters. */
const MAX_ID = 128;

/** Bounds of the latency histogram in seconds: an event takes microseconds, a hostile one milliseconds. */
const LATENCY_BOUNDS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];

/** What is told of an event: which it is, never what is in it. */
export interface EventIds {
  readonly sourceKind: string;
  readonly sessionId?: string;
}

/** What is told of a tag that is about to be written. */
export interface TagIds {
  readonly ruleId: string;
  readonly techniqueId: string;
}

/**
 * Spans and metrics of the pipeline, made with the API of OpenTelemetry and
 * exported by the runtime itself. Attributes are identifiers: no text that an
 * attacker wrote, and no error message, which may quote one, leaves through here.
 */
export class Telemetry {
  readonly #tracer: Tracer = trace.getTracer(SCOPE);
  readonly #events: Counter;
  readonly #latency: Histogram;
  readonly #truncated: Counter;
  readonly #fired: Counter;
  readonly #written: Counter;
  readonly #dropped: Counter;
  readonly #published: Counter;

  private constructor() {
    const meter = metrics.getMeter(SCOPE);
    this.#events = meter.createCounter("ttp.eval.events", { description: "Events evaluated" });
    this.#latency = meter.createHistogram("ttp.eval.latency", {
      description: "Time that the evaluation of one event took",
      unit: "s",
      advice: { explicitBucketBoundaries: LATENCY_BOUNDS },
    });
    this.#truncated = meter.createCounter("ttp.eval.truncated", {
      description: "Events that were too long or too costly to be looked at whole",
    });
    this.#fired = meter.createCounter("ttp.rule.fire", { description: "Matches of rules" });
    this.#written = meter.createCounter("ttp.tag.written", { description: "New tags on disk" });
    this.#dropped = meter.createCounter("ttp.tag.dropped", {
      description: "Tags that were not written or not announced",
    });
    this.#published = meter.createCounter("ttp.bus.published", {
      description: "Announcements that the bus has taken",
    });
  }

  /** Spans and metrics when the runtime exports them, nothing when it does not. */
  static ifExported(): Telemetry | undefined {
    return runtimeExports() ? new Telemetry() : undefined;
  }

  /** Around one batch of the worker's loop. */
  ticked<T>(waiting: number, work: () => T): T {
    return this.#within("ttp.worker.tick", { "ttp.messages": waiting }, work);
  }

  /** Around all that one event causes in the tagger. */
  evaluated<T>({ sourceKind, sessionId }: EventIds, work: () => T): T {
    const kind = { "ttp.source_kind": sourceKind };
    const began = performance.now();
    try {
      return this.#within("ttp.eval", { ...kind, ...sessionAttribute(sessionId) }, work);
    } finally {
      this.#events.add(1, kind);
      this.#latency.record((performance.now() - began) / 1000, kind);
    }
  }

  /** Around one question to a lifter. */
  askedLifter<T>(lifter: string, ruleId: string, work: () => T): T {
    return this.#within(`ttp.lifter.${lifter}`, { "ttp.rule_id": ruleId }, work);
  }

  /** Counts an event that was too long or too costly to be looked at whole. */
  truncated({ sourceKind }: EventIds): void {
    this.#truncated.add(1, { "ttp.source_kind": sourceKind });
  }

  /** Around what the match of one rule causes. */
  fired<T>(ruleId: string, { sessionId }: EventIds, work: () => T): T {
    this.#fired.add(1, { "ttp.rule_id": ruleId });
    const attributes = { "ttp.rule_id": ruleId, ...sessionAttribute(sessionId) };
    return this.#within("ttp.rule.fire", attributes, work);
  }

  /** Around the write of the tags of one event. */
  wrote<T>(tags: readonly TagIds[], work: () => T): T {
    const attributes = {
      "ttp.rule_ids": unique(tags.map(({ ruleId }) => ruleId)),
      "ttp.technique_ids": unique(tags.map(({ techniqueId }) => techniqueId)),
    };
    return this.#within("ttp.tag.write", attributes, work);
  }

  /**
   * Counts what became of the tags of a batch that is on disk.
   *
   * @param written new tags by rule
   * @param dropped tags held back by reason
   */
  committed(written: ReadonlyMap<string, number>, dropped: ReadonlyMap<string, number>): void {
    for (const [ruleId, count] of written) this.#written.add(count, { "ttp.rule_id": ruleId });
    for (const [reason, count] of dropped) this.#dropped.add(count, { "ttp.reason": reason });
  }

  /**
   * Around the sending of announcements, until it is known what became of each.
   *
   * @param work gives one outcome for each subject, in their order
   */
  async published<T extends { readonly status: string }>(
    subjects: readonly string[],
    work: () => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const attributes = { "ttp.messages": subjects.length, "ttp.subjects": unique(subjects) };
    const outcomes = await this.#tracer.startActiveSpan(
      "ttp.bus.publish",
      { attributes },
      async (span) => {
        try {
          const outcomes = await work();
          if (outcomes.some(({ status }) => status !== "confirmed")) failed(span);
          return outcomes;
        } catch (error) {
          failed(span);
          throw error;
        } finally {
          span.end();
        }
      },
    );
    for (const [index, subject] of subjects.entries()) {
      if (outcomes[index]?.status !== "confirmed") continue;
      this.#published.add(1, { "ttp.subject": subject });
    }
    return outcomes;
  }

  #within<T>(name: string, attributes: Attributes, work: () => T): T {
    return this.#tracer.startActiveSpan(name, { attributes }, (span) => {
      try {
        return work();
      } catch (error) {
        failed(span);
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

/**
 * Says why nothing is exported although the environment asks for it. The runtime
 * decides at its own start and reads one spelling alone; a program can no longer
 * turn it on.
 *
 * @param env reads one environment variable
 * @returns one sentence, or nothing when nobody asked or it is exported
 */
export function unmetTelemetryWish(
  env: (name: string) => string | undefined,
): string | undefined {
  const asked = ["OTEL_DENO", "DECNET_DEVELOPER_TRACING"].find((name) =>
    ["1", "true"].includes(env(name) ?? "")
  );
  if (asked === undefined || runtimeExports()) return undefined;
  return `${asked} asks for traces, and the runtime turns them on at its own start by ` +
    "OTEL_DENO=true alone; start the program again with that in its environment";
}

/** A runtime that exports has put its own providers where the API looks for them. */
function runtimeExports(): boolean {
  return metrics.getMeter(SCOPE) !== createNoopMeter() ||
    trace.getTracer(SCOPE).startSpan("ttp.probe").isRecording();
}

function failed(span: Span): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function sessionAttribute(sessionId: string | undefined): Attributes {
  return sessionId === undefined ? {} : { "ttp.session_id": sessionId.slice(0, MAX_ID) };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
