import type { MetricFamily, MetricSample } from "../../observe/open_metrics.ts";
import type { Payload } from "../../tagging/event.ts";
import type { Worker } from "../worker.ts";

/** What is counted, what the label of each count names, and what it says. */
const COUNTED: Readonly<Record<string, readonly [label: string, help: string]>> = {
  events: ["subject", "Events that were worked off"],
  tags: ["rule", "Tags that were written"],
  bumped: ["", "Tags whose confidence was raised"],
  suppressed: ["reason", "Matches that were not written, and tags that were not announced"],
  announced: ["", "Announcements that NATS confirmed"],
  children_beyond_limit: [
    "subject",
    "Children of events that were not tagged: too many in one event",
  ],
  tags_beyond_limit: ["subject", "Tags that were not written: too many in one event"],
  announcements_set_aside: [
    "reason",
    "Announcements that NATS refused; they are kept and tried again",
  ],
  dropped: ["subject", "Messages that had to go because too much waited"],
  set_aside: ["subject", "Messages that were set aside as files: they ended or blocked the worker"],
  dead_lettered: ["subject", "Events that can never be worked off"],
  parked: ["subject", "Events that were set aside until their attacker is known"],
  released: ["subject", "Events that were worked off after they had been set aside"],
  ignored: ["subject", "Events of a kind that nothing is known of"],
  no_anchor: ["subject", "Events that name no attacker"],
  implausible_times: [
    "subject",
    "Times that lie in the future or before 2000, which count as absent",
  ],
  future_version: ["subject", "Events of a newer version of the envelope"],
  store_failures: ["", "Batches that could not be written and were tried again"],
  database_busy: ["", "Times that another process held the lock of the database"],
  send_failures: ["", "Attempts to announce that failed"],
  given_up: ["", "Messages in hand when the worker stopped"],
  rule_states_refused: ["", "Rule states from the bus that were no good"],
  untrusted_orders: ["subject", "Orders from the bus that were not obeyed"],
  parked_expired: [
    "",
    "Events that were dropped because their attacker stayed unknown for too long",
  ],
  announcements_expired: ["", "Announcements that were dropped because they waited too long"],
  rows_dropped: ["table", "Rows that were dropped because their table had reached its bound"],
  database_file_events: ["event", "Times that a file of the database was removed or cut"],
  dead_letters_expired: ["", "Dead letters that were dropped: too old or too many"],
  tags_retired: ["", "Tags that were removed because they were too old"],
  stray_errors: ["", "Errors that nobody caught"],
};

/** Gauges by the name that the heartbeat has for them. */
const GAUGES: Readonly<Record<string, readonly [name: string, help: string]>> = {
  outbox: ["outbox_rows", "Announcements that wait to be sent, refused ones included"],
  outbox_set_aside: [
    "outbox_set_aside_rows",
    "Announcements that NATS refused and that wait to be tried again",
  ],
  parked: ["parked_rows", "Events that wait for their attacker to be known"],
  dead_letters: ["dead_letter_rows", "Events that are kept for people to look at"],
  queue: ["queue_events", "Events in memory that wait to be worked off"],
  rules: ["rules", "Rules in force"],
  rules_disabled: ["rules_disabled", "Rules that operators have switched off"],
  rules_disabled_by_bus: ["rules_disabled_by_bus", "Rules that are off because of the bus"],
};

const PREFIX = "decnet_ttp_";

/** The part of a worker that is measured. */
type Measured = Pick<Worker, "status" | "counters" | "suppressions">;

/** What a worker has counted and how it is, as metrics. */
export function workerMetrics(worker: Measured): readonly MetricFamily[] {
  const status = worker.status();
  const text = (name: string): string => String(status[name] ?? "");
  const number = (name: string): number => Number(status[name] ?? 0);
  return [
    {
      name: `${PREFIX}build`,
      type: "info",
      help: "The program and the ATT&CK release it labels with",
      samples: [{
        labels: {
          version: text("version"),
          attack_release: text("attack_release"),
          mode: text("mode"),
        },
        value: 1,
      }],
    },
    gauge("healthy", "Whether everything works: 1 for ok, 0 for degraded", [
      { value: status["state"] === "ok" ? 1 : 0 },
    ]),
    gauge("bus_connected", "Whether NATS is connected", [
      { value: status["bus"] === "connected" ? 1 : 0 },
    ]),
    ...Object.entries(GAUGES).map(([key, [name, help]]) =>
      gauge(name, help, [{ value: number(key) }])
    ),
    seconds("lag_seconds", "How long the oldest event in memory has waited", number("lag_ms")),
    ...streamFamilies(status),
    ...Object.entries(COUNTED).map(([name, [label, help]]) => counter(worker, name, label, help)),
    {
      name: `${PREFIX}rule_suppressed`,
      type: "counter",
      help: "Matches of a rule that were not written or not announced",
      samples: Array.from(
        worker.suppressions.totals,
        ([rule, value]) => ({ labels: { rule }, value }),
      ),
    },
  ];
}

/** How far the worker is with its stream; nothing of it without a stream, no backlog that is not known. */
function streamFamilies(status: Payload): readonly MetricFamily[] {
  const { stream_pending, stream_ack_pending, stream_oldest_ms, stream_restarts } = status;
  if (stream_restarts === undefined) return [];
  const restarts: MetricFamily = {
    name: `${PREFIX}stream_restarts`,
    type: "counter",
    help: "How often delivery stood still although messages waited, and was begun anew",
    samples: [{ value: Number(stream_restarts) }],
  };
  if (stream_pending === undefined) return [restarts];
  return [
    gauge("stream_pending_messages", "Messages of the stream that were not delivered yet", [
      { value: Number(stream_pending) },
    ]),
    gauge(
      "stream_ack_pending_messages",
      "Messages of the stream that were delivered and not acknowledged yet",
      [{ value: Number(stream_ack_pending) }],
    ),
    seconds(
      "stream_oldest_message_age_seconds",
      "How long the oldest message of the stream that is not acknowledged has waited",
      Number(stream_oldest_ms),
    ),
    restarts,
  ];
}

function seconds(name: string, help: string, ms: number): MetricFamily {
  return { ...gauge(name, help, [{ value: ms / 1000 }]), unit: "seconds" };
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name: PREFIX + name, type: "gauge", help, samples };
}

function counter({ counters }: Measured, name: string, label: string, help: string): MetricFamily {
  const samples = label === ""
    ? [{ value: counters.total(name) }]
    : Array.from(counters.byLabel(name), ([of, value]) => ({ labels: { [label]: of }, value }));
  return { name: PREFIX + name, type: "counter", help, samples };
}
