import { ConnectError } from "../connect_error.ts";
import { type LinkOptions, NatsLink } from "./link.ts";
import { readLogin } from "./login.ts";
import { type NatsSettings, parseTarget } from "./settings.ts";

/**
 * Tries every server of the settings once, in an order of chance, with
 * credentials as they are on disk now.
 *
 * @throws {BusSettingsError} when the settings cannot be meant
 * @throws {ConnectError} when none can be used, with the reason of each
 */
export async function dial(
  settings: NatsSettings,
  options: Omit<LinkOptions, "address" | "login">,
  signal: AbortSignal,
): Promise<NatsLink> {
  const login = readLogin(settings);
  const errors: ConnectError[] = [];
  for (const address of shuffled(parseTarget(settings).servers)) {
    try {
      return await NatsLink.open({ ...options, address, login }, signal);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      errors.push(error);
    }
  }
  throw new ConnectError(
    errors.map(({ message }) => message).join("; "),
    errors.every(({ isAbsence }) => isAbsence),
  );
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items.map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
