import { testBusContract } from "./bus_contract.ts";
import { natsMedium } from "./nats_medium.ts";

testBusContract("the NATS bus", () => natsMedium());

testBusContract("the NATS bus under a prefix", () => natsMedium({ prefix: "site.one" }));
