import {
  configure,
  getAnsiColorFormatter,
  getStreamSink,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";
import { logText, logValue } from "../text/log.ts";
import { jsonLine } from "../text/terminal.ts";

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

/** How a record becomes a line, whatever stands in its values: one line, cut and escaped. */
export function formatterFor({ format, colour }: LogOptions): TextFormatter {
  if (format === "json") return jsonRecord;
  const settings = {
    timestamp: "rfc3339",
    level: "FULL",
    category: ".",
    value: logText,
  } as const;
  return colour ? getAnsiColorFormatter(settings) : getTextFormatter(settings);
}

/** One JSON object a line: time, level, logger, message, and the record's own fields. */
function jsonRecord(record: LogRecord): string {
  return `${
    jsonLine({
      ts: new Date(record.timestamp).toISOString(),
      level: record.level,
      logger: record.category.join("."),
      message: record.message.map(messagePart).join(""),
      ...Object.fromEntries(
        Object.entries(record.properties).map(([name, value]) => [name, logValue(value)]),
      ),
    })
  }\n`;
}

/** Parts with an odd number are values, the others are the program's own words. */
function messagePart(part: unknown, index: number): string {
  if (index % 2 === 0) return String(part);
  const value = logValue(part);
  return typeof value === "string" ? value : logText(value);
}
