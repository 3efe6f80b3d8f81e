import assert from "assert";
import { after, NOW, Scratch } from "./scratch.ts";

Deno.test("the last verdict on an attacker is kept, whatever it holds", () => {
  using scratch = new Scratch();
  const { intel } = scratch.open();
  assert.equal(intel.get("a1", NOW), undefined);
  intel.put("a1", { abuseipdb_score: 10 }, NOW);
  const payload = { aggregate_verdict: "malicious", text: "\u0000\ud800 ☃", deep: [[{ a: null }]] };
  intel.put("a1", payload, after(1));
  assert.deepEqual(intel.get("a1", after(1)), payload);
  intel.put("a1", { abuseipdb_score: 20 }, NOW);
  assert.deepEqual(intel.get("a1", after(1)), payload, "an older verdict changes nothing");
  assert.equal(intel.get("a1", NOW), undefined, "nobody knew of it by then");
  assert.equal(intel.remove("a1"), true);
  assert.equal(intel.remove("a1"), false);
});
