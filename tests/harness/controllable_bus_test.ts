import assert from "assert";
import { BusError } from "../../lib/bus/bus.ts";
import { publication, testBusContract } from "../bus/bus_contract.ts";
import { ControllableBus } from "./controllable_bus.ts";

testBusContract("ControllableBus", () => {
  const bus = new ControllableBus();
  return Promise.resolve({
    join: () => Promise.resolve(bus),
    [Symbol.asyncDispose]: () => bus.close(),
  });
});

Deno.test("ControllableBus answers a publication when it is told to", async () => {
  const bus = new ControllableBus();
  bus.hold();
  let answered = false;
  const publishing = bus.publish([publication("a", "1")]).finally(() => answered = true);
  await bus.begun(1);
  assert.deepEqual([answered, bus.taken.length, bus.tried.length], [false, 0, 1]);
  bus.release();
  assert.deepEqual(await publishing, [{ status: "confirmed" }]);
  assert.equal(bus.taken.length, 1);
});

Deno.test("ControllableBus refuses, loses and rejects what it is told to", async () => {
  const bus = new ControllableBus();
  const statuses = async () => {
    const outcomes = await bus.publish([publication("a.b", "1"), publication("c", "2")]);
    return outcomes.map(({ status }) => status).join(" ");
  };
  bus.refuse("a.*");
  assert.equal(await statuses(), "refused confirmed");
  bus.leaveUnconfirmed("c");
  assert.equal(await statuses(), "confirmed unconfirmed");
  bus.reject("no");
  await assert.rejects(statuses(), BusError);
  bus.accept();
  bus.disconnect();
  await assert.rejects(statuses(), BusError);
  bus.connect();
  assert.equal(await statuses(), "confirmed confirmed");
});

Deno.test("ControllableBus keeps how a message of its stream was acknowledged", async () => {
  const bus = new ControllableBus();
  const messages = bus.durable()[Symbol.asyncIterator]();
  const delivered = bus.deliver("a", Uint8Array.of(1));
  const { value } = await messages.next();
  value!.working();
  assert.equal(delivered.settled, undefined);
  value!.nak(5);
  assert.deepEqual(delivered.told, ["working", "nak 5"]);
  assert.equal(delivered.settled, "nak 5");
  await bus.close();
  assert.equal((await messages.next()).done, true);
});
