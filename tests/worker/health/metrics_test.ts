import assert from "assert";
import { basename } from "node:path";
import { Counters } from "../../../lib/observe/counters.ts";
import { openMetrics } from "../../../lib/observe/open_metrics.ts";
import { workerMetrics } from "../../../lib/worker/health/metrics.ts";
import { Suppressions } from "../../../lib/worker/outbox/suppressions.ts";
import { sourceFiles } from "../../harness/source_files.ts";
import { parseOpenMetrics } from "../../observe/parsed_metrics.ts";

/** Every name under which the worker counts something, as its source has them. */
function countedNames(): readonly string[] {
  const folder = new URL("../../../lib/worker/", import.meta.url).pathname;
  const sources = [...sourceFiles(folder)]
    // A replay has a report of its own.
    .filter((path) => basename(path) !== "replay.ts")
    .map((path) => Deno.readTextFileSync(path));
  const call = /(?:counters\.add|\bcount)\(\s*"([a-z_]+)"/g;
  return [...new Set(sources.flatMap((text) => [...text.matchAll(call)].map(([, name]) => name!)))];
}

Deno.test("everything that the worker counts is told as a metric", () => {
  const names = countedNames();
  assert.ok(names.includes("parked_expired") && names.includes("dropped"), names.join());
  const counters = new Counters();
  for (const name of names) counters.add(name, "x");
  const told = workerMetrics({ counters, suppressions: new Suppressions(), status: () => ({}) });
  const samples = new Set(parseOpenMetrics(openMetrics(told)).map(({ name }) => name));
  assert.deepEqual(names.filter((name) => !samples.has(`decnet_ttp_${name}_total`)), []);
});
