import { jetstreamManager } from "nats/jetstream";
import { connect } from "nats/transport";
import { join } from "node:path";
import { ENGINE_OPTION } from "../../.tasks/bundle.ts";
import { NAMES, setUp } from "../bus/jetstream/medium.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { storedTags } from "../harness/outcome.ts";
import { TagOracle } from "../harness/tag_oracle.ts";
import { WorkerProcess } from "../harness/worker_process.ts";
import { AnnouncedTags } from "./announced_tags.ts";
import { processorSeconds, residentMiB } from "./process_figures.ts";
import { SizedSessions } from "./sized_sessions.ts";
import { StandStill } from "./stand_still.ts";
import { publishSteadily } from "./steady_publisher.ts";

/** How long and how hard a run is. */
export interface SoakPlan {
  readonly minutes: number;
  /** Sessions a second. */
  readonly rate: number;
  /** Decides sizes and commands. */
  readonly seed: number;
  /** Told every ten seconds how it goes. */
  readonly onProgress?: (text: string) => void;
}

/** What a run showed. All lists are empty when every promise was kept. */
export interface SoakReport {
  readonly sessions: number;
  readonly megabytes: number;
  /** Tags that the sessions must give. */
  readonly expected: number;
  /** Tags in the database. */
  readonly stored: number;
  /** Tags that were announced, repeats not counted. */
  readonly announced: number;
  /** Tags that the database lacks. */
  readonly lost: readonly string[];
  /** Tags in the database that no session gives. */
  readonly invented: readonly string[];
  /** Tags that were never announced. */
  readonly silent: readonly string[];
  /** Tags that were announced and are not in the database. */
  readonly phantom: readonly string[];
  /** Tags that were announced more than once. */
  readonly repeats: number;
  readonly redelivered: number;
  readonly mostWaiting: number;
  readonly longestStandStillMs: number;
  /** Resident memory at most, and at the end, in MiB. */
  readonly peakMiB: number;
  readonly lastMiB: number;
  /** Processor time of the worker for each session, in milliseconds. */
  readonly cpuMsPerSession: number;
  /** What the worker said that is more than information. */
  readonly complaints: readonly string[];
}

/** Between two looks at the consumer, in milliseconds. */
const LOOK_MS = 100;

/** What was not processed so long after the last session is lost, in milliseconds. */
const LAST_MS = 120_000;

const PROGRESS_MS = 10_000;

/**
 * Sends sessions of every size to a real worker through a real server, at a steady
 * rate and with no kill that would reset anything, then compares database and
 * announcements with what the sessions must give.
 */
export async function soakRun({ minutes, rate, seed, onProgress }: SoakPlan): Promise<SoakReport> {
  const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-soak-" });
  const database = join(folder, "ttp.db");
  try {
    await using server = await NatsServer.start({ jetstream: true });
    await setUp(server.url, { limits: { maxBytes: 1024 ** 3 } });
    await using worker = new WorkerProcess({
      url: server.url,
      stream: NAMES.stream,
      database,
      // As the executable is started.
      runtimeFlags: [ENGINE_OPTION],
    });
    await worker.until("it takes events", () => /"?DECNET"?, consumer/.test(worker.log));
    await using announced = await AnnouncedTags.from(server.url, NAMES.announcements);
    await using watch = await Watch.start(server.url, worker.pid, onProgress);
    const [sessions, oracle] = [new SizedSessions(seed), new TagOracle()];
    const expected = new Set<string>();
    let [published, bytes] = [0, 0];
    await publishSteadily({
      url: server.url,
      rate,
      seconds: minutes * 60,
      next: () => sessions.next(),
      onPublished: (event) => {
        published += 1;
        bytes += event.data.length;
        for (const uuid of oracle.tagsOf(event)) expected.add(uuid);
      },
    });
    // What is not there by then is lost, and counted.
    await worker.until("every session is processed", () => watch.waiting === 0, LAST_MS)
      .catch((error) => onProgress?.(String(error)));
    const allAnnounced = () => announced.uuids.size >= expected.size;
    await worker.until("every tag is announced", allAnnounced, LAST_MS)
      .catch((error) => onProgress?.(String(error)));
    const cpuMs = 1000 * processorSeconds(worker.pid);
    const { standStill, peakMiB, lastMiB, redelivered } = watch;
    await worker.stop();
    const stored = storedTags(database);
    return {
      sessions: published,
      megabytes: bytes / 1e6,
      expected: expected.size,
      stored: stored.size,
      announced: announced.uuids.size,
      lost: [...expected.difference(stored)],
      invented: [...stored.difference(expected)],
      silent: [...stored.difference(announced.uuids)],
      phantom: [...announced.uuids.difference(stored)],
      repeats: announced.repeats,
      redelivered,
      mostWaiting: standStill.mostWaiting,
      longestStandStillMs: standStill.longestMs,
      peakMiB,
      lastMiB,
      cpuMsPerSession: cpuMs / published,
      complaints: worker.log.split("\n").filter((line) => /\[(WARN|ERROR|FATAL)/.test(line)),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Looks at the consumer and at the worker's memory while both are at work. */
class Watch implements AsyncDisposable {
  readonly standStill = new StandStill();
  waiting = Infinity;
  redelivered = 0;
  peakMiB = 0;
  lastMiB = 0;
  #stopped = false;
  #looking: Promise<void> = Promise.resolve();

  static async start(
    url: string,
    pid: number,
    onProgress: SoakPlan["onProgress"],
  ): Promise<Watch> {
    const watch = new Watch();
    const connection = await connect({ servers: url });
    const manager = await jetstreamManager(connection);
    watch.#looking = (async () => {
      let toldAt = performance.now();
      while (!watch.#stopped) {
        const info = await manager.consumers.info(NAMES.stream, NAMES.consumer);
        watch.#note(info, pid);
        if (performance.now() - toldAt >= PROGRESS_MS) {
          toldAt = performance.now();
          onProgress?.(
            `${info.delivered.stream_seq} delivered, ${watch.waiting} wait, ` +
              `${watch.lastMiB.toFixed(0)} MiB`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      await connection.close();
    })();
    return watch;
  }

  #note(
    { num_pending: pending, num_ack_pending: ackPending, num_redelivered, delivered }: {
      readonly num_pending: number;
      readonly num_ack_pending: number;
      readonly num_redelivered: number;
      readonly delivered: { readonly consumer_seq: number };
    },
    pid: number,
  ): void {
    const look = { pending, ackPending, delivered: delivered.consumer_seq };
    this.standStill.look(look, performance.now());
    this.waiting = pending + ackPending;
    this.redelivered = Math.max(this.redelivered, num_redelivered);
    this.lastMiB = residentMiB(pid);
    this.peakMiB = Math.max(this.peakMiB, this.lastMiB);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#looking;
  }
}
