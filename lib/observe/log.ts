import {
  configure,
  getAnsiColorFormatter,
  getStreamSink,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";

/** Levels an operator may choose, most talkative first. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** How log lines look. */
export const LOG_FORMATS = ["text", "json"] as const;

/** What an operator says about the log. */
export interface LogOptions {
  readonly level: typeof LOG_LEVELS[number];
  readonly format: typeof LOG_FORMATS[number];
  /** Colours in text lines, for a terminal. */
  readonly colour: boolean;
}

/**
 * Sends the log of the whole program to standard error, where a service manager
 * collects it. Until this is called nothing is logged, so that an embedder's
 * output stays its own.
 */
export async function startLog(options: LogOptions): Promise<void> {
  await configure({
    reset: true,
    sinks: {
      stderr: getStreamSink(standardError(), { formatter: formatterFor(options) }),
    },
    loggers: [
      { category: ["ttp"], sinks: ["stderr"], lowestLevel: options.level satisfies LogLevel },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
  });
}

/**
 * Writes synchronously, so that the last line before an exit is not lost. A line
 * that cannot be written, because its reader has gone or its disk is full, is
 * dropped: a failure here would be logged here, without end.
 */
function standardError(): WritableStream<Uint8Array> {
  return new WritableStream({
    write(chunk): void {
      try {
        for (let sent = 0; sent < chunk.length;) {
          sent += Deno.stderr.writeSync(chunk.subarray(sent));
        }
      } catch {
        // There is no other place to say it.
      }
    },
  });
}

function formatterFor(options: LogOptions): TextFormatter {
  if (options.format === "json") return jsonLine;
  const settings = { timestamp: "rfc3339", level: "FULL", category: "." } as const;
  return options.colour ? getAnsiColorFormatter(settings) : getTextFormatter(settings);
}

/** One JSON object a line: time, level, logger, message, and the record's own fields. */
function jsonLine(record: LogRecord): string {
  return `${
    JSON.stringify({
      ts: new Date(record.timestamp).toISOString(),
      level: record.level,
      logger: record.category.join("."),
      message: record.message.map((part) => typeof part === "string" ? part : String(part)).join(
        "",
      ),
      ...record.properties,
    })
  }\n`;
}
