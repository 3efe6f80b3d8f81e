import type { Store } from "../../../store/store.ts";
import type { PastEvent, Replay } from "../../../worker/pipeline/replay.ts";
import { printable } from "../../../text/terminal.ts";
import { importSteps } from "./events.ts";
import type { ImportFile } from "./file.ts";
import { countText } from "../../output/quantity.ts";
import { LINE_FAULTS } from "../tag/items.ts";

/** Events that are written together. */
const CHUNK_EVENTS = 500;

/** Lines after which a chunk is closed although it has few events. */
const CHUNK_LINES = 20_000;

/** Bytes of the text after which a chunk is closed although it has few lines. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** Lines that are shown of those that cannot be read; the rest is counted. */
const SHOWN_FAULTS = 10;

/** What an import works with. */
export interface ImportRunOptions {
  readonly store: Store;
  /** Makes the pipeline for one file. */
  readonly replayOf: (mintAttackers: boolean) => Replay;
  /** Whom lines of commands belong to. */
  readonly attacker: string | undefined;
  /** Whether somebody asked to end early. */
  readonly isStopped: () => boolean;
  /** Called after each chunk that is on disk. */
  readonly onChunk: (path: string) => Promise<void>;
  /** Told of lines that cannot be read. */
  readonly onFault: (text: string) => void;
}

/** Brings files through the pipeline, chunk by chunk, and counts. */
export class ImportRun {
  readonly #options: ImportRunOptions;
  readonly #counts = { files: 0, lines: 0, skipped: 0, faults: 0, events: 0, tags: 0, parked: 0 };
  readonly #unused = { no_anchor: 0, ignored: 0, failed: 0 };

  /** @param options what it works with */
  constructor(options: ImportRunOptions) {
    this.#options = options;
  }

  /**
   * Imports one file, or the rest of it.
   *
   * @throws {Exit} with code 2 when it is lines of commands and nobody is named as their attacker,
   *   and, after everything before that place is in, when it could not be read to its end
   */
  async file(file: ImportFile): Promise<void> {
    const { store, attacker, isStopped, onChunk } = this.#options;
    // A log of one honeypot never says who its addresses are; bus events may, later.
    const replay = this.#options.replayOf(file.format === "cowrie");
    this.#counts.files += 1;
    this.#counts.skipped += file.from.lines;
    let events: PastEvent[] = [];
    let lastLine = file.from.lines;
    let lastByte = file.from.offset;
    let chunkLine = lastLine;
    let chunkByte = lastByte;
    let place = (): Parameters<ImportFile["keep"]>[1] | undefined => undefined;
    const write = async (): Promise<void> => {
      const reached = place();
      replay.work(events, () => {
        if (reached !== undefined) file.keep(store, reached);
      });
      events = [];
      chunkLine = lastLine;
      chunkByte = lastByte;
      await onChunk(file.path);
      // What is unpacked may come without any wait, and a signal would not be heard until the end.
      await new Promise((resolve) => setTimeout(resolve));
    };
    for await (const step of importSteps(file, attacker)) {
      lastLine = step.line.number;
      lastByte = step.line.end;
      if (step.fault !== undefined) this.#fault(file, step.line.number, LINE_FAULTS[step.fault]);
      events.push(...step.events);
      place = step.resumeAt;
      const isFull = events.length >= CHUNK_EVENTS || lastLine - chunkLine >= CHUNK_LINES ||
        lastByte - chunkByte >= CHUNK_BYTES;
      if (!isFull) continue;
      await write();
      if (isStopped()) break;
    }
    await write();
    if (!isStopped()) replay.finish();
    this.#counts.lines += lastLine - file.from.lines;
    this.#add(replay);
    if (file.failure !== undefined) throw file.failure;
  }

  /** What was done, for scripts. */
  totals(): Readonly<Record<string, number>> {
    // More may have been released than had to wait: an earlier import left them.
    const parked = Math.max(0, this.#counts.parked);
    return { ...this.#counts, parked, ...this.#unused };
  }

  /** What was done, for people. */
  summary(): readonly string[] {
    const { files, lines, skipped, faults, events, tags, parked } = this.#counts;
    const { no_anchor, ignored, failed } = this.#unused;
    const of = skipped === 0 ? "" : ` (${skipped} more had been imported before)`;
    const notes = [
      faults === 0 ? "" : `${countText(faults, "line")} could not be read`,
      parked <= 0 ? "" : `${countText(parked, "event")} wait for an attacker to become known`,
      no_anchor === 0 ? "" : `${countText(no_anchor, "event")} belong to nobody`,
      ignored === 0 ? "" : `${countText(ignored, "event")} of unknown kinds were passed over`,
      failed === 0 ? "" : `${countText(failed, "event")} could not be worked off`,
    ];
    return [
      `${countText(lines, "line")}${of} of ${countText(files, "file")}: ` +
      `${countText(events, "event")}, ${countText(tags, "new tag")}`,
      ...notes.filter((note) => note !== ""),
    ];
  }

  #fault({ path }: ImportFile, line: number, what: string): void {
    this.#counts.faults += 1;
    if (this.#counts.faults > SHOWN_FAULTS) return;
    this.#options.onFault(`${printable(path)}:${line}: ${what}`);
  }

  #add({ counters }: Replay): void {
    this.#counts.events += counters.total("events");
    this.#counts.tags += counters.total("tags");
    this.#counts.parked += counters.total("parked") - counters.total("released");
    this.#unused.no_anchor += counters.total("no_anchor");
    this.#unused.ignored += counters.total("ignored");
    this.#unused.failed += counters.total("failed");
  }
}
