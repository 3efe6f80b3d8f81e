import assert from "assert";
import { Counters } from "../../lib/observe/counters.ts";

Deno.test("Counters sum what is counted by name and label", () => {
  const counters = new Counters();
  counters.add("events", "a");
  counters.add("events", "a", 2);
  counters.add("events", "b", 4);
  counters.add("other");
  assert.equal(counters.total("events"), 7);
  assert.deepEqual([...counters.byLabel("events")], [["a", 3], ["b", 4]]);
  assert.deepEqual([...counters.entries().keys()], ["events", "other"]);
  assert.equal(counters.total("nothing"), 0);
});

Deno.test("Counters take the counts of another set in addition to their own", () => {
  const [counters, others] = [new Counters(), new Counters()];
  counters.add("events", "a", 1);
  others.add("events", "a", 2);
  others.add("events", "b", 3);
  counters.merge(others);
  assert.deepEqual([...counters.byLabel("events")], [["a", 3], ["b", 3]]);
  assert.equal(others.total("events"), 5);
});

Deno.test("Counters keep a bounded number of labels from outside, and the right total", () => {
  const counters = new Counters();
  for (let label = 0; label < 3_000; label++) counters.add("events", `subject ${label}`);
  assert.equal(counters.total("events"), 3_000);
  assert.ok(counters.byLabel("events").size <= 1_001, `${counters.byLabel("events").size} labels`);
  counters.add("events", "subject 0");
  assert.equal(counters.byLabel("events").get("subject 0"), 2);
});
