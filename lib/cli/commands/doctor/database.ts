import { dirname } from "node:path";
import { StoreError } from "../../../store/sqlite/errors.ts";
import { SCHEMA_VERSION } from "../../../store/sqlite/migrate.ts";
import { spaceOf } from "../../../store/sqlite/space.ts";
import { Store } from "../../../store/store.ts";
import { isWritableDirectory } from "../../settings/database_path.ts";
import { ageText } from "./host.ts";
import { type Finding, type Verdict, withRemedy } from "./finding.ts";
import { countText, sizeText } from "../../output/quantity.ts";

/** A write-ahead log is cut back to a quarter of this whenever nobody holds it, in bytes. */
const LARGE_LOG_BYTES = 256 * 1024 * 1024;

/** Bits of a file's mode that give rights to others. */
const OTHERS = 0o077;

/**
 * Opens a database to look at it. Its consistency is checked as a worker checks it
 * at start; nothing in it is changed.
 *
 * @returns the database, for who looks further, and what was found while opening it
 */
export function openForDoctor(
  path: string,
): { readonly store?: Store; readonly findings: readonly Finding[] } {
  if (statOf(path) === undefined) return { findings: [absent(path)] };
  try {
    return { store: Store.open(path, { access: "read_only" }), findings: [] };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { findings: [finding("file", "problem", error.message)] };
  }
}

/** Size, rights, consistency and content of a database. */
export function lookAtDatabase(store: Store, now: number): readonly Finding[] {
  try {
    return [fileFinding(store), ...logFinding(store.database.file), ...contents(store, now)];
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [finding("content", "problem", error.message)];
  }
}

function finding(what: string, verdict: Verdict, message: string): Finding {
  const said = verdict === "ok" ? { detail: message } : withRemedy(message);
  return { area: "database", what, verdict, ...said };
}

/** A sensor that was never started has none; a directory that is not there is another matter. */
function absent(path: string): Finding {
  const directory = dirname(path);
  if (statOf(directory)?.isDirectory !== true) {
    return finding("file", "problem", `${path} cannot be made, there is no ${directory}; make it`);
  }
  return isWritableDirectory(directory)
    ? finding("file", "warning", `${path} is not there; \`run\` makes it, --db names another`)
    : finding(
      "file",
      "problem",
      `${path} is not there, and this user cannot make it; ask as the user of the worker, or give ` +
        `it ${directory}`,
    );
}

function fileFinding(store: Store): Finding {
  const { file } = store.database;
  const { total, free } = spaceOf(store);
  const mode = (statOf(file)?.mode ?? 0) & 0o777;
  const rights = `mode ${mode.toString(8).padStart(4, "0")}`;
  const reusable = free === 0 ? "" : `, ${sizeText(free)} of it free for reuse`;
  const detail = `${file}: ${
    sizeText(total)
  }${reusable}, ${rights}, schema ${SCHEMA_VERSION}, no damage found`;
  if ((mode & OTHERS) === 0) return finding("file", "ok", detail);
  return finding("file", "problem", `${detail}, but open to others; \`chmod 600 ${file}\``);
}

function logFinding(file: string): readonly Finding[] {
  const size = statOf(`${file}-wal`)?.size ?? 0;
  if (size <= LARGE_LOG_BYTES) return [finding("write-ahead log", "ok", sizeText(size))];
  return [finding(
    "write-ahead log",
    "problem",
    `${sizeText(size)}, because somebody has been reading for long; ` +
      "end long queries, and it is cut at the next poll tick of the worker",
  )];
}

function contents(store: Store, now: number): readonly Finding[] {
  const { database, attackers, parked, outbox, deadLetters } = store;
  const tags = store.tags.count();
  const newest = database.prepare(
    `SELECT coalesce(tag.created_at, event.created_at) AS createdAt FROM tag
      JOIN event ON event.id = tag.event ORDER BY tag.id DESC LIMIT 1`,
  ).get<{ readonly createdAt: string }>();
  const age = newest === undefined ? "" : `, the newest ${ageText(newest.createdAt, now)}`;
  const dead = deadLetters.count();
  return [
    finding("tags", "ok", `${tags}${age}; of ${countText(attackers.count(), "attacker")}`),
    finding("waiting", "ok", waitingText(parked.count(), outbox.count())),
    ...setAsideOf(store),
    dead === 0 ? finding("dead letters", "ok", "none") : finding(
      "dead letters",
      "warning",
      `${dead}; \`decnet-ttp deadletters list\` shows why`,
    ),
    ...clockOf(newest?.createdAt, now),
  ];
}

function waitingText(events: number, announcements: number): string {
  return `${countText(events, "event")} for attackers, ` +
    `${countText(announcements, "announcement")} for the bus`;
}

/** Announcements that NATS refused, by subject; the worker tries them again. */
function setAsideOf({ outbox }: Store): readonly Finding[] {
  return outbox.setAside.groups().map(({ subject, detail, messages }) => ({
    area: "database",
    what: `refused announcements on ${subject}`,
    verdict: "problem",
    detail: `${messages} set aside: ${detail}`,
    remedy: "the worker tries them again by itself once that is mended",
  }));
}

/** A tag from the future was written while this clock, or another one, was wrong. */
function clockOf(newest: string | undefined, now: number): readonly Finding[] {
  const aheadMs = newest === undefined ? 0 : Date.parse(newest) - now;
  if (aheadMs <= 60_000) return [];
  return [{
    area: "clock",
    what: "against the newest tag",
    verdict: "problem",
    detail: `the tag was written at ${newest}, which has not come yet`,
    remedy: "see whether the clock was set back, and keep it in time with NTP",
  }];
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}
