import { configure, type LogRecord, reset } from "@logtape/logtape";
import assert from "assert";
import { busEventLogger } from "../../../../lib/cli/commands/run/bus_events.ts";

Deno.test("what the server denies is one log line a minute, but one for each subscription", async () => {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: ["ttp", "bus"], lowestLevel: "debug", sinks: ["records"] },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  try {
    let second = 0;
    const listener = busEventLogger(() => second * 1_000);
    for (; second < 120; second++) {
      listener({ kind: "denied", operation: "publish", subject: `$JS.ACK.S.c.1.${second}` });
      for (const subject of ["email.received", "canary.>"]) {
        listener({ kind: "denied", operation: "subscribe", subject });
      }
    }
  } finally {
    await reset();
  }
  assert.deepEqual(records.map(({ message }) => message.slice(1, 4).join("")), [
    "publish to $JS.ACK.S.c.1.0",
    "subscribe to email.received",
    "subscribe to canary.>",
    "publish to $JS.ACK.S.c.1.60",
    "subscribe to email.received",
    "subscribe to canary.>",
  ]);
});
