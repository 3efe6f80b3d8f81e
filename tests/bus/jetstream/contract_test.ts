import { testBusContract } from "../bus_contract.ts";
import { jetStreamMedium } from "./medium.ts";

testBusContract("the JetStream bus", () => jetStreamMedium());
