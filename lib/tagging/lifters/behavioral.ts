import type { Lifter } from "../lifter.ts";
import { parameterFaults } from "../parameters.ts";
import { MEASURE_PARAMETERS, MEASURES } from "./behavioral_measures.ts";
import { TEXT_PARAMETERS, TEXTS } from "./behavioral_texts.ts";

/** What a session as a whole shows beyond its single commands. */
export const BEHAVIORAL_LIFTER: Lifter = {
  name: "behavioral",
  sourceKinds: ["session"],
  predicates: { ...MEASURES, ...TEXTS },
  check: (match) => {
    const name = match.kind.slice("lifter:".length);
    return parameterFaults(match, MEASURE_PARAMETERS[name] ?? TEXT_PARAMETERS[name] ?? {});
  },
};
