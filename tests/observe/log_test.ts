import assert from "assert";
import fc from "fast-check";
import type { LogRecord } from "@logtape/logtape";
import { formatterFor, LOG_FORMATS } from "../../lib/observe/log.ts";
import { MAX_LOG_TEXT } from "../../lib/text/log.ts";
import { HIDDEN_REGEXP, hostileText } from "../text/hostile_characters.ts";

function record(type: unknown): LogRecord {
  return {
    category: ["ttp", "worker"],
    level: "warning",
    timestamp: Date.parse("2026-05-02T01:00:00Z"),
    message: ["no source kind for events of type ", type, "; ignored"],
    rawMessage: "no source kind for events of type {type}; ignored",
    properties: { type },
  };
}

for (const format of LOG_FORMATS) {
  const line = formatterFor({ format, level: "info", colour: false });

  Deno.test(`a record is one line of harmless ${format}, whatever its values hold`, () => {
    fc.assert(fc.property(hostileText, (text) => {
      const made = line(record(text));
      assert.ok(made.endsWith("\n"));
      assert.doesNotMatch(made.slice(0, -1), HIDDEN_REGEXP);
    }));
  });

  Deno.test(`a value of 900 kB does not make a long line of ${format}`, () => {
    const made = line(record("x".repeat(900_000)));
    assert.ok(made.length > MAX_LOG_TEXT && made.length < 2 * MAX_LOG_TEXT + 300, `${made.length}`);
  });
}

Deno.test("a coloured line has no colours but its own", () => {
  const line = formatterFor({ format: "text", level: "info", colour: true });
  const made = line(record("\x1b[31mred\u202e"));
  assert.match(made, /"\\x1b\[31mred\\u202e"/);
});

Deno.test("a line of JSON has the time, level, logger, message and the values apart", () => {
  const line = formatterFor({ format: "json", level: "info", colour: false });
  assert.deepEqual(JSON.parse(line(record("odd\ntype"))), {
    ts: "2026-05-02T01:00:00.000Z",
    level: "warning",
    logger: "ttp.worker",
    message: "no source kind for events of type odd\ntype; ignored",
    type: "odd\ntype",
  });
  assert.equal(JSON.parse(line(record(7)))["type"], 7);
});
