import { MemoryBus } from "../../lib/bus/memory.ts";
import { testBusContract } from "./bus_contract.ts";

testBusContract("the memory bus", () => {
  const bus = new MemoryBus();
  return Promise.resolve({
    join: () => Promise.resolve(bus),
    [Symbol.asyncDispose]: () => bus.close(),
  });
});
