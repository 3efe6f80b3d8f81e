import { createHash } from "node:crypto";
import type { Payload, TaggerEvent } from "./event.ts";
import { isObject, listField, textField } from "./payload.ts";

/** The rule pack's sliding window over login attempts, in milliseconds. */
const WINDOW_MS = 5 * 60 * 1000;

/** Failures on an account after which a success counts as the end of a brute force. */
const BRUTE_FORCE_FAILURES = 5;

/** Longest name that is written out in a source id; attackers choose these. */
const MAX_NAME_LENGTH = 128;

interface Attempt {
  readonly service: string;
  readonly username: string | undefined;
  readonly secret: string | undefined;
  readonly failed: boolean;
  readonly succeeded: boolean;
  readonly atMs: number;
}

/**
 * Sums up a session's login attempts: one event per service and one per service
 * and username, over a sliding window of five minutes. `fail_count` and
 * `password_count` are the largest that any window holds; an account's `result`
 * is `success` when any attempt succeeded; `prior_brute` tells that a success
 * came after at least five failures on that account within the window.
 *
 * @param session the session's own event, whose anchors the aggregates carry
 * @param maxAttempts later attempts are left out
 */
export function authAggregates(
  session: TaggerEvent,
  maxAttempts: number = Infinity,
): readonly TaggerEvent[] {
  const attempts = attemptsOf(session.payload, maxAttempts);
  const events: TaggerEvent[] = [];
  const add = (suffix: string, payload: Payload) =>
    events.push({
      ...session,
      sourceKind: "auth_attempt",
      sourceId: `${session.sourceId}#auth:${suffix}`,
      payload,
    });
  for (const [service, ofService] of Map.groupBy(attempts, (attempt) => attempt.service)) {
    add(idPart(service), { service, ...countsOf(ofService) });
    const named = ofService.filter((attempt) => attempt.username !== undefined);
    for (const [username, ofAccount] of Map.groupBy(named, (attempt) => attempt.username ?? "")) {
      add(`${idPart(service)}:${idPart(username)}`, {
        service,
        username,
        ...countsOf(ofAccount),
        result: ofAccount.some((attempt) => attempt.succeeded) ? "success" : "failure",
        prior_brute: succeededAfterBruteForce(ofAccount),
      });
    }
  }
  return events;
}

function attemptsOf(payload: Payload, maxAttempts: number): readonly Attempt[] {
  const sessionService = textField(payload, "service") ?? "unknown";
  const attempts: Attempt[] = [];
  let lastMs = 0;
  for (const entry of listField(payload, "auth_attempts").slice(0, maxAttempts)) {
    if (!isObject(entry)) continue;
    // An attempt without a time was made, as far as anyone knows, with the one before it.
    lastMs = timeOf(entry["ts"]) ?? lastMs;
    const username = entry["username"];
    attempts.push({
      service: textField(entry, "service") ?? sessionService,
      username: typeof username === "string" ? username : undefined,
      secret: textField(entry, "password") ?? textField(entry, "password_hash"),
      failed: entry["result"] === "failure",
      succeeded: entry["result"] === "success",
      atMs: lastMs,
    });
  }
  return attempts.sort((a, b) => a.atMs - b.atMs);
}

/** Reads an ISO text or seconds since the epoch; milliseconds, or nothing. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value * 1000 : undefined;
  if (typeof value !== "string") return undefined;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** Slides the window once over attempts in order of time, keeping counts as they enter and leave. */
function countsOf(attempts: readonly Attempt[]): { fail_count: number; password_count: number } {
  const inWindow = new Map<string, number>();
  let first = 0;
  let fails = 0;
  let maxFails = 0;
  let maxPasswords = 0;
  for (const attempt of attempts) {
    for (; attempts[first]!.atMs < attempt.atMs - WINDOW_MS; first++) {
      const left = attempts[first]!;
      if (left.failed) fails--;
      if (left.secret !== undefined) {
        const count = inWindow.get(left.secret)! - 1;
        if (count === 0) inWindow.delete(left.secret);
        else inWindow.set(left.secret, count);
      }
    }
    if (attempt.failed) fails++;
    if (attempt.secret !== undefined) {
      inWindow.set(attempt.secret, (inWindow.get(attempt.secret) ?? 0) + 1);
    }
    maxFails = Math.max(maxFails, fails);
    maxPasswords = Math.max(maxPasswords, inWindow.size);
  }
  return { fail_count: maxFails, password_count: maxPasswords };
}

function succeededAfterBruteForce(attempts: readonly Attempt[]): boolean {
  const failures: number[] = [];
  let first = 0;
  for (const attempt of attempts) {
    while (first < failures.length && failures[first]! < attempt.atMs - WINDOW_MS) first++;
    if (attempt.succeeded && failures.length - first >= BRUTE_FORCE_FAILURES) return true;
    if (attempt.failed) failures.push(attempt.atMs);
  }
  return false;
}

/** A name as part of a source id: written out, or hashed where an attacker made it very long. */
function idPart(name: string): string {
  return name.length <= MAX_NAME_LENGTH
    ? name
    : `sha256-${createHash("sha256").update(name).digest("hex")}`;
}
