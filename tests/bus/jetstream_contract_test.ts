import { testBusContract } from "./bus_contract.ts";
import { jetStreamMedium } from "./jetstream_medium.ts";

testBusContract("the JetStream bus", () => jetStreamMedium());
