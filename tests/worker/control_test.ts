import assert from "assert";
import { encodeEnvelope } from "../../lib/bus/envelope.ts";
import { MemoryBus } from "../../lib/bus/memory.ts";
import { listenForControl } from "../../lib/worker/control.ts";
import { until } from "../harness/until.ts";

Deno.test("only an order to stop stops, and it says who asked", async () => {
  const bus = new MemoryBus();
  const reasons: string[] = [];
  const subscription = listenForControl(bus, (reason) => reasons.push(reason), undefined);
  const subject = "system.ttp.control";
  const send = (payload: Readonly<Record<string, unknown>>) =>
    bus.publish([{
      subject,
      data: encodeEnvelope({ id: "o1", subject, type: "control", ts: 0, payload }),
    }]);
  for (const action of ["restart", "STOP", "", 1, null]) await send({ action });
  await bus.publish([{ subject, data: new TextEncoder().encode("{") }]);
  await send({});
  await send({ action: "stop" });
  await send({ action: "stop", requested_by: `a\n"${"x".repeat(200)}` });
  await until("both orders have come", () => reasons.length > 1, 5_000);
  await subscription.drain();
  await bus.close();
  assert.deepEqual(reasons, [
    `"someone unnamed" asked for it on ${subject}`,
    `"a\\n\\"${"x".repeat(97)}" asked for it on ${subject}`,
  ]);
});
