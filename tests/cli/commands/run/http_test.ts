import assert from "assert";
import { readiness } from "../../../../lib/cli/commands/run/http.ts";
import { Health, type HealthPart } from "../../../../lib/worker/health/health.ts";

/** Whether a worker is ready whose bus is in this state, with trouble in a part. */
function readyWith(bus: string, trouble?: HealthPart): boolean {
  const health = new Health();
  if (trouble !== undefined) health.degrade(trouble, "it is broken");
  const { ok, facts } = readiness({ health, status: () => ({ bus, ...health.report() }) });
  assert.equal(facts["ready"], ok);
  assert.equal(facts["reason"], trouble && `${trouble}: it is broken`);
  return ok;
}

Deno.test("a worker is ready when events can come and can be written, whatever else is wrong", () => {
  assert.equal(readyWith("connected"), true);
  assert.equal(readyWith("none"), true);
  assert.equal(readyWith("connected", "rules"), true);
  assert.equal(readyWith("connected", "outbox"), true);
});

Deno.test("a worker that is not connected, or cannot write, is not ready", () => {
  assert.equal(readyWith("connecting", "bus"), false);
  assert.equal(readyWith("connected", "store"), false);
  assert.equal(readyWith("connected", "file"), false);
});
