import { BusSettingsError } from "../nats/settings.ts";

/** What JetStream keeps for the workers of one deployment, by name. */
export interface JetStreamNames {
  /** Stream of the events that must not be lost. */
  readonly stream: string;
  /** Durable consumer of it, which all workers share. */
  readonly consumer: string;
  /** Stream of the announcements. */
  readonly announcements: string;
  /** Stream of what the server says about messages that it gave up on. */
  readonly advisories: string;
  /** JetStream domain, where a leaf node has its own; none by default. */
  readonly domain?: string;
}

/** Name of the durable consumer where none is chosen. */
export const DEFAULT_CONSUMER = "decnet-ttp";

/** What NATS advises for names of streams and consumers, which become folders. */
const NAME_REGEXP = /^[A-Za-z0-9_-]{1,200}$/;

/**
 * Completes and checks the names.
 *
 * @param stream name of the stream of events; the other names follow from it unless they are given
 * @throws {BusSettingsError} when a name cannot be used
 */
export function jetStreamNames(
  stream: string,
  given: Partial<Omit<JetStreamNames, "stream">> = {},
): JetStreamNames {
  const names = {
    stream,
    consumer: given.consumer ?? DEFAULT_CONSUMER,
    announcements: given.announcements ?? `${stream}-TTP`,
    advisories: given.advisories ?? `${stream}-ADVISORIES`,
    ...(given.domain !== undefined && { domain: given.domain }),
  };
  for (const [what, name] of Object.entries(names)) {
    if (NAME_REGEXP.test(name)) continue;
    throw new BusSettingsError(
      `${JSON.stringify(name)} cannot be the name of a JetStream ${what}: ` +
        "use letters, digits, - and _",
    );
  }
  return names;
}
