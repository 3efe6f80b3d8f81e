import assert from "assert";
import fc from "fast-check";
import { CowrieSessions } from "../../../lib/sources/cowrie/cowrie.ts";
import type { Payload } from "../../../lib/tagging/event.ts";
import { cowrieSession, eventsOf, readLog } from "./cowrie_log.ts";

const ids = (payload: Payload, field: string): readonly string[] =>
  (payload[field] as readonly { id: string }[]).map(({ id }) => id);

Deno.test("a session becomes one event, and its HASSH another", async () => {
  const [fingerprint, session, ...more] = await eventsOf(cowrieSession("s1", ["id", "uname -a"]));
  assert.equal(more.length, 0);
  assert.equal(fingerprint?.subject, "attacker.fingerprinted");
  assert.deepEqual(fingerprint?.payload, {
    source_id: "s1#hassh",
    session_id: "s1",
    attacker_ip: "192.0.2.44",
    decky_id: "sensor-1",
    service: "ssh",
    hassh: "ec7378c1a92f5a8dde7e8b7a1ddf33d1",
  });
  assert.equal(session?.subject, "attacker.session.ended");
  const { commands, auth_attempts, payloads, ...facts } = session!.payload;
  assert.deepEqual(facts, {
    session_id: "s1",
    attacker_ip: "192.0.2.44",
    decky_id: "sensor-1",
    service: "ssh",
    hassh: "ec7378c1a92f5a8dde7e8b7a1ddf33d1",
    ended_at: "2026-05-02T01:00:07.000000Z",
    duration_s: 9.1,
  });
  const texts = (commands as { command_text: string }[]).map((entry) => entry.command_text);
  assert.deepEqual(texts, ["id", "uname -a"]);
  const results = (auth_attempts as { result: string }[]).map((entry) => entry.result);
  assert.deepEqual(results, ["failure", "success"]);
  assert.match((payloads as { sha256: string }[])[0]!.sha256, /^9f86/);
});

Deno.test("a log cut in two gives the ids that the whole gives", async () => {
  const commands = ["id", "id", "w"];
  const whole = cowrieSession("s1", commands).split(/(?<=\n)/);
  const all = (await eventsOf(whole.join(""))).at(-1)!.payload;
  const cut = [whole.slice(0, 6), whole.slice(6)];
  const parts = await Promise.all(cut.map(async (part) => (await eventsOf(part.join(""))).at(-1)!));
  for (const field of ["commands", "auth_attempts", "payloads"]) {
    assert.deepEqual(parts.flatMap(({ payload }) => ids(payload, field)), ids(all, field));
    assert.equal(new Set(ids(all, field)).size, ids(all, field).length);
  }
});

Deno.test("reading can go on where the first open session begins, and at the end when none is", async () => {
  const first = cowrieSession("s1");
  const second = cowrieSession("s2").split("\n").slice(0, 4).join("\n") + "\n";
  const read = await readLog(first + second);
  assert.equal(read.at(-1)!.resumeAt().offset, first.length);
  assert.equal((await readLog(first)).at(-1)!.resumeAt().offset, first.length);
  const unfinished = await readLog(first + '{"eventid":');
  assert.deepEqual([unfinished.at(-1)!.resumeAt().offset, unfinished.at(-1)!.fault], [
    first.length,
    "not_json",
  ]);
});

Deno.test("memory is bounded: silent, too many and too large sessions are handed over", () => {
  const sessions = new CowrieSessions({ sessions: 2, characters: 300, silentLines: 10 });
  const say = (session: string, number: number, input = "id"): readonly string[] =>
    sessions.take({ eventid: "cowrie.command.input", session, input }, { start: number, number })
      .map(({ payload }) => String(payload["session_id"]));
  assert.deepEqual(say("a", 1), []);
  assert.deepEqual(say("b", 2), []);
  assert.deepEqual(say("a", 3), []);
  assert.deepEqual(say("c", 4), ["b"], "the one that was silent for longest goes");
  assert.deepEqual(say("c", 14), ["a"], "nothing more was heard of it");
  assert.deepEqual(say("d", 15, "x".repeat(400)), ["c", "d"], "too much is kept");
  assert.deepEqual(sessions.open, []);
});

Deno.test("a session without end is handed over in pieces", async () => {
  const commands = Array.from({ length: 4500 }, (_, index) => `echo ${index}`);
  const sessions = (await eventsOf(cowrieSession("s1", commands)))
    .filter(({ subject }) => subject === "attacker.session.ended");
  const found = sessions.flatMap(({ payload }) => ids(payload, "commands"));
  assert.equal(sessions.length, 3);
  assert.equal(new Set(found).size, commands.length);
  assert.deepEqual(sessions.map(({ payload }) => payload["service"]), ["ssh", "ssh", "ssh"]);
});

Deno.test("whatever stands in a log, reading it ends without an error", async () => {
  const anyEntry = fc.record({
    eventid: fc.oneof(
      fc.constantFrom(
        "cowrie.command.input",
        "cowrie.login.failed",
        "cowrie.client.kex",
        "cowrie.session.file_upload",
        "cowrie.session.closed",
      ),
      fc.jsonValue(),
    ),
    session: fc.oneof(fc.constantFrom("s1", "s2"), fc.jsonValue()),
    input: fc.jsonValue(),
    username: fc.jsonValue(),
    hassh: fc.jsonValue(),
    duration: fc.jsonValue(),
    timestamp: fc.jsonValue(),
    src_ip: fc.jsonValue(),
  }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(anyEntry, fc.jsonValue())), async (entries) => {
      await eventsOf(entries.map((entry) => JSON.stringify(entry)).join("\n"));
    }),
  );
});
