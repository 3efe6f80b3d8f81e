import type { CheckFinding } from "../check_finding.ts";
import { dial } from "./dial.ts";
import type { LinkOptions, NatsLink } from "./link.ts";
import type { NatsSettings } from "./settings.ts";
import { askUserInfo, permits, type UserInfo } from "./user_info.ts";
import {
  CONTROL_SUBJECTS,
  HEALTH,
  ruleFiredSubject,
  ruleReloadedSubject,
  ruleStateSubject,
  SUBSCRIBED_SUBJECTS,
  TTP_RULE_SUPPRESSED,
  TTP_TAGGED,
  withPrefix,
} from "../subjects.ts";

/** A clock that is further off makes times of events and tags hard to compare; in milliseconds. */
const CLOCK_TOLERANCE_MS = 5000;

/** What is published, with an example where a token varies. */
const PUBLISHED_SUBJECTS: readonly string[] = [
  TTP_TAGGED,
  ruleFiredSubject("T1059"),
  TTP_RULE_SUPPRESSED,
  ruleReloadedSubject("R0001"),
  ruleStateSubject("R0001"),
  HEALTH,
];

/**
 * Looks at a server as the worker would use it: round trip, permissions, clock.
 * Publishes nothing that anybody listens for.
 *
 * @param now the local clock, in milliseconds since the epoch
 * @param more looks at more over the same connection, e.g. at streams
 * @throws {BusSettingsError} when the settings cannot be meant
 * @throws {BusError} when no server can be reached or logged in to
 */
export async function checkNats(
  settings: NatsSettings,
  options: Omit<LinkOptions, "address" | "login" | "onEvent">,
  now: () => number,
  more: (link: NatsLink) => Promise<readonly CheckFinding[]> = () => Promise.resolve([]),
): Promise<readonly CheckFinding[]> {
  const denied = new Set<string>();
  const link = await dial(settings, {
    ...options,
    onEvent: (event) => event.kind === "denied" && denied.add(event.subject),
  }, new AbortController().signal);
  try {
    const user = await askUserInfo(link);
    return [
      await roundTrip(link),
      ...await subscriptions(link, denied),
      publications(options.prefix, user),
      clock(now(), (user?.time ?? await auditTime(link))?.getTime()),
      ...await more(link),
    ];
  } finally {
    await link.close();
  }
}

async function roundTrip(link: NatsLink): Promise<CheckFinding> {
  const { address, version } = link.server;
  const milliseconds = await link.connection.rtt();
  const limit = link.connection.info?.max_payload;
  return {
    what: `server ${address}`,
    ok: true,
    detail: `version ${version}, round trip ${milliseconds} ms, messages up to ${limit} bytes`,
  };
}

async function subscriptions(
  link: NatsLink,
  denied: ReadonlySet<string>,
): Promise<readonly CheckFinding[]> {
  const subjects = [...SUBSCRIBED_SUBJECTS.map(({ subject }) => subject), ...CONTROL_SUBJECTS];
  const tried = subjects.map((subject) => link.subscribe(subject, undefined, () => {}));
  // Answers to the subscriptions come before the confirmation of nothing at all.
  await link.publish([]);
  await Promise.all(tried.map((subscription) => subscription.drain()));
  const missing = subjects.filter((subject) => denied.has(subject));
  const what = "permission to subscribe";
  if (missing.length === 0) return [{ what, ok: true, detail: `${subjects.length} subjects` }];
  return missing.map((subject) => ({
    what,
    ok: false,
    detail: `${subject} is denied; allow it to this user on the server`,
  }));
}

function publications(prefix: string, user: UserInfo | undefined): CheckFinding {
  const what = "permission to publish";
  if (user === undefined) {
    return { what, ok: true, detail: "not told by this server (2.10 and later do)" };
  }
  const missing = PUBLISHED_SUBJECTS
    .filter((subject) => !permits(user.publish, withPrefix(prefix, subject)));
  if (missing.length === 0) return { what, ok: true, detail: "all announcements" };
  return { what, ok: false, detail: `${missing.join(", ")} denied; allow it to this user` };
}

function clock(here: number, there: number | undefined): CheckFinding {
  const what = "clock";
  if (there === undefined) {
    return { what, ok: true, detail: "not told by this server (2.10 and later, or JetStream, do)" };
  }
  const seconds = ((here - there) / 1000).toFixed(1);
  const ok = Math.abs(here - there) <= CLOCK_TOLERANCE_MS;
  const detail = `${seconds} s from the server's${ok ? "" : "; keep both in time with NTP"}`;
  return { what, ok, detail };
}

/** Any request to JetStream makes the server publish an audit record with its time. */
async function auditTime(link: NatsLink): Promise<Date | undefined> {
  const { connection } = link;
  if (!connection.info?.jetstream) return undefined;
  const heard = Promise.withResolvers<Date | undefined>();
  const listening = link.connection.subscribe("$JS.EVENT.ADVISORY.API", {
    callback: (error, message) => heard.resolve(error === null ? timestampOf(message) : undefined),
  });
  const timer = setTimeout(() => heard.resolve(undefined), 1000);
  try {
    await connection.request("$JS.API.INFO").catch(() => heard.resolve(undefined));
    return await heard.promise;
  } finally {
    clearTimeout(timer);
    listening.unsubscribe();
  }
}

function timestampOf(message: { json(): unknown }): Date | undefined {
  try {
    const { timestamp } = message.json() as { readonly timestamp?: unknown };
    const time = new Date(String(timestamp));
    return Number.isNaN(time.getTime()) ? undefined : time;
  } catch {
    return undefined;
  }
}
