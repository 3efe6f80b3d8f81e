import { testBusContract } from "../bus_contract.ts";
import { natsMedium } from "./medium.ts";

testBusContract("the NATS bus", () => natsMedium());

testBusContract("the NATS bus under a prefix", () => natsMedium({ prefix: "site.one" }));
