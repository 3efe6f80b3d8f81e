import assert from "assert";
import { MemoryBus } from "../../lib/bus/memory.ts";
import { take, testBusContract } from "./bus_contract.ts";

testBusContract("the memory bus", () => {
  const bus = new MemoryBus();
  return Promise.resolve({
    join: () => Promise.resolve(bus),
    [Symbol.asyncDispose]: () => bus.close(),
  });
});

Deno.test("each listener of the memory bus has bytes of its own", async () => {
  const bus = new MemoryBus();
  const [one, two] = [bus.subscribe("a"), bus.subscribe("a")];
  const data = Uint8Array.of(1, 2);
  await bus.publish([{ subject: "a", data }]);
  data.fill(7);
  const [first] = await take(one, 1);
  first?.data.fill(9);
  const [second] = await take(two, 1);
  assert.deepEqual(second?.data, Uint8Array.of(1, 2));
  await bus.close();
});
