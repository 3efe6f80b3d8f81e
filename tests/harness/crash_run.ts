import { jetstream } from "nats/jetstream";
import { connect } from "nats/transport";
import { NAMES, setUp } from "../bus/jetstream/medium.ts";
import { CrashingWorker } from "./crashing_worker.ts";
import { sessionEvent } from "./fixture_events.ts";
import { NatsServer } from "./nats_server.ts";
import { announcedTags, settled, storedTags } from "./outcome.ts";
import { TagOracle } from "./tag_oracle.ts";
import { until } from "./until.ts";

/** How hard a run is. */
export interface CrashPlan {
  /** Sessions that are published. */
  readonly sessions: number;
  /** How often the worker is killed with SIGKILL. */
  readonly kills: number;
  /** How often the server is killed and started again. */
  readonly serverRestarts: number;
  /** Told of each kill and restart. */
  readonly onStep?: (step: string) => void;
}

/** What a run showed. All lists are empty when every promise was kept. */
export interface CrashReport {
  readonly sessions: number;
  readonly kills: number;
  readonly serverRestarts: number;
  /** Tags in the database. */
  readonly tags: number;
  /** Announced tags, repeats not counted. */
  readonly announced: number;
  /** Announcements that came more than once. */
  readonly repeats: number;
  /** Tags that the events must give and the database lacks. */
  readonly lost: readonly string[];
  /** Tags in the database that no event gives. */
  readonly invented: readonly string[];
  /** Tags in the database that were never announced. */
  readonly silent: readonly string[];
  /** Announced tags that are not in the database. */
  readonly phantom: readonly string[];
}

/** A message in work is delivered again after so long, in milliseconds; short, since every kill leaves some. */
const ACK_WAIT_MS = 3_000;

/** Longest time that a worker lives before it is killed, in milliseconds; a start takes about a third of it. */
const MAX_LIFE_MS = 1_200;

/** Sessions that are published and confirmed together. */
const CHUNK = 50;

/** For an answer of the server to the publisher, in milliseconds. */
const TIMEOUT_MS = 2_000;

/** Everything must have settled after so long, in milliseconds. */
const SETTLE_TIMEOUT_MS = 120_000;

/**
 * Publishes a known set of sessions to a stream while the worker is killed at
 * random instants and the server restarted, then compares database and
 * announcements with what the sessions must give.
 */
export async function crashRun(plan: CrashPlan): Promise<CrashReport> {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { ackWaitMs: ACK_WAIT_MS } });
  await using worker = new CrashingWorker(server.url, NAMES.stream);
  const publisher = new Publisher(server);
  const restartEvery = Math.ceil(plan.kills / (plan.serverRestarts + 1));
  let restarts = 0;
  for (let kill = 1; kill <= plan.kills; kill++) {
    // Each life gets its share of the sessions, so that every kill hits a worker that has work.
    const publishing = publisher.publishUpTo(Math.ceil(plan.sessions * kill / plan.kills));
    await worker.live(Math.random() * MAX_LIFE_MS);
    plan.onStep?.(`worker killed ${kill} of ${plan.kills} times`);
    if (kill % restartEvery === 0 && restarts < plan.serverRestarts) {
      await server.kill();
      await server.restart();
      restarts += 1;
      plan.onStep?.(`server killed and restarted ${restarts} of ${plan.serverRestarts} times`);
    }
    await publishing;
  }
  worker.start();
  await until("everything is worked off", () => settled(server.url), SETTLE_TIMEOUT_MS);
  await until("the outbox is empty", () => worker.outboxIsEmpty(), SETTLE_TIMEOUT_MS);
  await worker.stop();
  const { uuids, repeats } = await announcedTags(server.url);
  return compare(plan, restarts, expectedTags(plan.sessions), storedTags(worker.database), {
    uuids,
    repeats,
  });
}

/** Commands that different rules know, so that tags are spread. */
const COMMANDS = ["cat /etc/shadow", "wget http://192.0.2.1/a", "uname -a", "echo hello", "id"];

function session(index: number): ReturnType<typeof sessionEvent> {
  return sessionEvent(`s${index}`, [COMMANDS[index % COMMANDS.length]!, "crontab -r"], {
    attacker_uuid: `attacker-${index % 97}`,
  });
}

/** Publishes each session until the stream has confirmed it, however often the server goes away. */
class Publisher {
  readonly #server: NatsServer;
  #next = 0;

  constructor(server: NatsServer) {
    this.#server = server;
  }

  async publishUpTo(end: number): Promise<void> {
    while (this.#next < end) {
      try {
        await this.#publish(end);
      } catch {
        // The server is away: the chunk that was not confirmed is published again.
      }
    }
  }

  async #publish(end: number): Promise<void> {
    const { url } = this.#server;
    const connection = await connect({ servers: url, reconnect: false, timeout: TIMEOUT_MS });
    try {
      const stream = jetstream(connection, { timeout: TIMEOUT_MS });
      while (this.#next < end) {
        const count = Math.min(CHUNK, end - this.#next);
        await Promise.all(Array.from({ length: count }, (_, offset) => {
          const index = this.#next + offset;
          const { subject, data } = session(index);
          return stream.publish(subject, data, { msgID: `event-${index}` });
        }));
        this.#next += count;
      }
    } finally {
      await connection.close();
    }
  }
}

/** What the same tagger makes of the same sessions without any crash. */
function expectedTags(sessions: number): ReadonlySet<string> {
  const oracle = new TagOracle();
  const uuids = new Set<string>();
  for (let index = 0; index < sessions; index++) {
    for (const uuid of oracle.tagsOf(session(index))) uuids.add(uuid);
  }
  return uuids;
}

function compare(
  plan: CrashPlan,
  serverRestarts: number,
  expected: ReadonlySet<string>,
  stored: ReadonlySet<string>,
  announced: { readonly uuids: ReadonlySet<string>; readonly repeats: number },
): CrashReport {
  return {
    sessions: plan.sessions,
    kills: plan.kills,
    serverRestarts,
    tags: stored.size,
    announced: announced.uuids.size,
    repeats: announced.repeats,
    lost: [...expected.difference(stored)],
    invented: [...stored.difference(expected)],
    silent: [...stored.difference(announced.uuids)],
    phantom: [...announced.uuids.difference(stored)],
  };
}
