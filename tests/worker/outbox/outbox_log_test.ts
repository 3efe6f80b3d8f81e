import { configure, type LogRecord, reset } from "@logtape/logtape";
import assert from "assert";
import { FIRED, OutboxFixture, TAGGED } from "./outbox_fixture.ts";

/** Levels and texts of what the outbox logs while some work is done. */
async function logOf(work: () => Promise<void>): Promise<readonly string[]> {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: ["ttp", "outbox"], lowestLevel: "debug", sinks: ["records"] },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  try {
    await work();
  } finally {
    await reset();
  }
  return records.map(({ level, message }) => `${level} ${message.join("")}`);
}

Deno.test("what is refused is one log line a minute, however many messages and tries there are", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse("ttp.rule.fired.*");
  const lines = await logOf(async () => {
    for (let second = 0; second < 120; second++) {
      fixture.add(TAGGED, FIRED, `ttp.rule.fired.T${1000 + second}`);
      await fixture.outbox.send(second % 10 === 0);
      fixture.clock += 1_000;
    }
  });
  assert.equal(lines.length, 2, lines.join("\n"));
  assert.match(lines[0]!, /^error .*tried again.* publish to .*ttp\.rule\.fired\.T1082/);
  assert.match(lines[1]!, /T1082.*; and \d+ more subjects/);
  assert.equal(fixture.triedOn(TAGGED), 120);
});

Deno.test("a connection that fails is one log line, and one when it works again", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  const lines = await logOf(async () => {
    fixture.bus.reject("the server has gone");
    for (let attempt = 0; attempt < 10; attempt++) await fixture.outbox.send(true);
    fixture.bus.accept();
    await fixture.outbox.send(true);
  });
  assert.deepEqual(lines, [
    "warning announcements wait on disk: the server has gone",
    "info announcements are sent again",
  ]);
});

Deno.test("a subject that is taken again is one log line", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse(FIRED);
  fixture.add(FIRED, FIRED);
  await fixture.outbox.send();
  const lines = await logOf(async () => {
    fixture.bus.accept();
    await fixture.outbox.send(true);
  });
  assert.deepEqual(lines, [`info announcements on ${FIRED} are sent again`]);
});
