import assert from "assert";
import type { Payload } from "../../lib/tagging/event.ts";
import { authAggregates } from "../../lib/tagging/auth_aggregates.ts";

const START = Date.parse("2026-03-01T00:00:00Z");

/** An attempt so many seconds after the start. */
function attempt(second: number, result: string, fields: Payload = {}): Payload {
  const ts = new Date(START + second * 1000).toISOString();
  return { username: "root", password: `pw${second}`, result, service: "ssh", ts, ...fields };
}

function aggregates(attempts: readonly unknown[], session: Payload = {}) {
  return authAggregates({
    sourceKind: "session",
    sourceId: "s1",
    attackerUuid: "a1",
    payload: { ...session, auth_attempts: attempts },
  });
}

/** The aggregate of the account `root` on `ssh`. */
function account(attempts: readonly unknown[]): Payload | undefined {
  return aggregates(attempts).find((event) => event.sourceId === "s1#auth:ssh:root")?.payload;
}

Deno.test("a session without attempts has no aggregates", () => {
  assert.deepEqual(aggregates([]), []);
  assert.deepEqual(aggregates([null, 1, "x", []]), []);
});

Deno.test("there is one aggregate a service and one a username on it", () => {
  const events = aggregates([
    attempt(0, "failure"),
    attempt(1, "failure", { username: "admin" }),
    attempt(2, "failure", { service: "ftp" }),
  ]);
  assert.deepEqual(events.map((event) => event.sourceId), [
    "s1#auth:ssh",
    "s1#auth:ssh:root",
    "s1#auth:ssh:admin",
    "s1#auth:ftp",
    "s1#auth:ftp:root",
  ]);
  for (const event of events) {
    assert.equal(event.sourceKind, "auth_attempt");
    assert.equal(event.attackerUuid, "a1");
  }
});

Deno.test("the aggregate of a service names no account and claims no success", () => {
  const [service] = aggregates([attempt(0, "failure"), attempt(1, "success")]);
  assert.deepEqual(service?.payload, { service: "ssh", fail_count: 1, password_count: 2 });
});

Deno.test("five failures within five minutes are five, over a longer time fewer", () => {
  const within = [0, 75, 150, 225, 300].map((second) => attempt(second, "failure"));
  const over = [0, 76, 152, 228, 304].map((second) => attempt(second, "failure"));
  assert.equal(account(within)?.["fail_count"], 5);
  assert.equal(account(over)?.["fail_count"], 4);
});

Deno.test("a password tried twice counts once, also after one of the two left the window", () => {
  const same = [0, 200, 400].map((second) => attempt(second, "failure", { password: "same" }));
  assert.equal(account(same)?.["password_count"], 1);
  const hashed = [
    attempt(0, "failure", { password: undefined, password_hash: "h1" }),
    attempt(1, "failure", { password: undefined, password_hash: "h2" }),
  ];
  assert.equal(account(hashed)?.["password_count"], 2);
});

Deno.test("a success after five failures on the account is the end of a brute force", () => {
  const failures = [0, 1, 2, 3, 4].map((second) => attempt(second, "failure"));
  assert.equal(account([...failures, attempt(5, "success")])?.["prior_brute"], true);
  assert.equal(account([...failures.slice(1), attempt(5, "success")])?.["prior_brute"], false);
  assert.equal(account([attempt(0, "success"), ...failures])?.["prior_brute"], false);
  assert.equal(account([...failures, attempt(600, "success")])?.["prior_brute"], false);
});

Deno.test("attempts count in the order of their times, not of the list", () => {
  const failures = [5, 6, 7, 8, 9].map((second) => attempt(second, "failure"));
  assert.equal(account([attempt(20, "success"), ...failures])?.["prior_brute"], true);
});

Deno.test("an attempt without a time was made with the one before it", () => {
  const attempts = [0, 1, 2, 3, 4].map((n) => attempt(n, "failure", { ts: undefined }));
  assert.equal(account(attempts)?.["fail_count"], 5);
});

Deno.test("a very long username is hashed in the source id, not written out", () => {
  const events = aggregates([attempt(0, "failure", { username: "x".repeat(5000) })]);
  assert.match(events[1]?.sourceId ?? "", /^s1#auth:ssh:sha256-[0-9a-f]{64}$/);
});
