import { BusError } from "../../../bus/bus.ts";
import type { CheckFinding } from "../../../bus/check_finding.ts";
import { DEFAULT_LIMITS } from "../../../bus/jetstream/plan.ts";
import { checkJetStream } from "../../../bus/jetstream/setup.ts";
import { checkNats } from "../../../bus/nats/check.ts";
import { BusSettingsError } from "../../../bus/nats/settings.ts";
import { natsSettings } from "../../settings/bus.ts";
import { type Finding, withRemedy } from "./finding.ts";
import type { DoctorSettings } from "./settings.ts";
import { namesOf } from "../../settings/jetstream.ts";
import { PROGRAM_VERSION } from "../../program_version.ts";

/** For reaching the server and for each of its answers, in milliseconds. */
const ANSWER_MS = 3000;

/** For all of it: a server may hang between two answers. In milliseconds. */
const ALL_MS = 10_000;

/** Looks at the server as a worker with these settings would use it. */
export async function lookAtBus({ values }: DoctorSettings): Promise<readonly Finding[]> {
  const prefix = values.busPrefix ?? "";
  const options = {
    name: `decnet-ttp ${PROGRAM_VERSION}`,
    timeoutMs: ANSWER_MS,
    pingIntervalMs: ANSWER_MS,
    prefix,
  };
  try {
    const names = namesOf(values);
    const looking = checkNats(
      natsSettings(values),
      options,
      Date.now,
      async (link) =>
        names === undefined
          ? []
          : await checkJetStream(link, { names, prefix, limits: DEFAULT_LIMITS }, {
            now: Date.now,
            maxLagMs: values.maxLag,
          }),
    );
    return (await inTime(looking)).map(findingOf);
  } catch (error) {
    if (error instanceof BusError) {
      const common = { area: "bus", what: "server", verdict: "problem" } as const;
      const said = withRemedy(error.message);
      const remedy = said.remedy ??
        "see that it runs, that nats_url leads to it, and that it knows this login";
      return [{ ...common, ...said, remedy }];
    }
    if (!(error instanceof BusSettingsError)) throw error;
    return [{ area: "bus", what: "login", verdict: "problem", ...withRemedy(error.message) }];
  }
}

function findingOf({ what, ok, detail }: CheckFinding): Finding {
  const [area, name] = what === "clock"
    ? ["clock", "against the server"] as const
    : ["bus", what] as const;
  if (ok) return { area, what: name, verdict: "ok", detail };
  return { area, what: name, verdict: "problem", ...withRemedy(detail) };
}

async function inTime<T>(looking: Promise<T>): Promise<T> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => tooLate.reject(new BusError(`no answer within ${ALL_MS / 1000} s; restart the server`)),
    ALL_MS,
  );
  try {
    return await Promise.race([looking, tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}
