import assert from "assert";
import fc from "fast-check";
import { openMetrics } from "../../lib/observe/open_metrics.ts";
import { hostileText } from "../harness/hostile_text.ts";
import { parseOpenMetrics } from "./parsed_metrics.ts";

Deno.test("families are told with type, unit, help and samples, and an end", () => {
  assert.equal(
    openMetrics([
      {
        name: "wait_seconds",
        type: "gauge",
        unit: "seconds",
        help: "How long",
        samples: [{ value: 0.5 }],
      },
      {
        name: "tags",
        type: "counter",
        help: "Tags",
        samples: [{ labels: { rule: "R0012" }, value: 3 }],
      },
      { name: "nothing", type: "counter", help: "Not seen", samples: [] },
    ]),
    [
      "# TYPE wait_seconds gauge",
      "# UNIT wait_seconds seconds",
      "# HELP wait_seconds How long",
      "wait_seconds 0.5",
      "# TYPE tags counter",
      "# HELP tags Tags",
      'tags_total{rule="R0012"} 3',
      "# EOF",
      "",
    ].join("\n"),
  );
});

Deno.test("a label is read back as it was, whatever stands in it", () => {
  fc.assert(fc.property(
    hostileText(),
    fc.oneof(fc.double({ noNaN: true }), fc.nat()),
    (text, value) => {
      const shown = openMetrics([
        { name: "a", type: "gauge", help: text, samples: [{ labels: { of: text }, value }] },
      ]);
      const [sample] = parseOpenMetrics(shown);
      assert.deepEqual(sample, {
        name: "a",
        labels: { of: text.toWellFormed() },
        value: value + 0,
      });
    },
  ));
});

Deno.test("quotes, backslashes and line breaks of a label are escaped", () => {
  const samples = [{ labels: { of: 'a"b\\c\nd' }, value: 1 }];
  const [, , line] = openMetrics([{ name: "a", type: "gauge", help: "", samples }]).split("\n");
  assert.equal(line, String.raw`a{of="a\"b\\c\nd"} 1`);
});

Deno.test("a name that is none is refused", () => {
  for (const name of ["", "1a", "a b", 'a"', "ä"]) {
    assert.throws(
      () => openMetrics([{ name, type: "gauge", help: "", samples: [{ value: 1 }] }]),
      TypeError,
    );
  }
});
