import { join, normalize } from "node:path";
import { SYSTEM_SETTINGS_FILE } from "../../context.ts";
import { SettingsError } from "../../settings/settings.ts";

/** Name of the service, of its user and of its directories. */
export const SERVICE = "decnet-ttp";

/** Where the service keeps its data; made over to its user when it starts. */
export const STATE_DIRECTORY = `/var/lib/${SERVICE}`;

/** Database of the service. */
export const SERVICE_DATABASE = `${STATE_DIRECTORY}/ttp.db`;

/** Where an operator puts the program. */
const USUAL_EXECUTABLE = `/usr/local/bin/${SERVICE}`;

/** Set by the packed file: itself, where the runtime only sees what was unpacked. */
const EXECUTABLE_VARIABLE = "DECNET_TTP_EXECUTABLE";

/** What `ProtectHome` and `PrivateTmp` hide from a service. */
const HIDDEN_FROM_SERVICES_REGEXP = /^\/(home|root|run\/user|tmp|var\/tmp)\//;

/** What systemd takes in the path of no executable, however it is written. */
const UNNAMEABLE_REGEXP = /[\p{Cc}"'\\]/u;

/** Files of an installed sensor. */
export interface Installation {
  readonly unit: string;
  readonly settings: string;
  readonly state: string;
  /** What systemd makes of `CacheDirectory`; the packed file unpacks itself there. */
  readonly cache: string;
  /** There while the service is enabled. */
  readonly enabled: string;
}

/**
 * Where everything goes.
 *
 * @param root directory that stands for `/`, e.g. of an image that is being built
 */
export function installationIn(root: string): Installation {
  const units = "/etc/systemd/system";
  return {
    unit: join(root, units, `${SERVICE}.service`),
    settings: join(root, SYSTEM_SETTINGS_FILE),
    state: join(root, STATE_DIRECTORY),
    cache: join(root, "/var/cache", SERVICE),
    enabled: join(root, units, "multi-user.target.wants", `${SERVICE}.service`),
  };
}

/**
 * The executable that a service is to run: what was said, else the one that runs
 * now, else, out of a clone, the usual place.
 *
 * @param said by the operator
 * @param env one environment variable
 * @throws {SettingsError} when a service could not see it, or its unit not name it
 */
export function serviceExecutable(
  said: string | undefined,
  env: (name: string) => string | undefined,
): string {
  // The packed file may have been started as `./decnet-ttp` or `../tmp/decnet-ttp`.
  const executable = normalize(
    said ?? (env(EXECUTABLE_VARIABLE) ||
      (Deno.build.standalone ? Deno.execPath() : USUAL_EXECUTABLE)),
  );
  if (!executable.startsWith("/")) {
    throw new SettingsError(`--executable: ${executable} is not an absolute path`);
  }
  if (UNNAMEABLE_REGEXP.test(executable)) {
    throw new SettingsError(
      `--executable: systemd takes no quotes, backslashes or line breaks in ${
        JSON.stringify(executable)
      }; copy it to ${USUAL_EXECUTABLE} and install from there`,
    );
  }
  if (HIDDEN_FROM_SERVICES_REGEXP.test(executable)) {
    throw new SettingsError(
      `a service cannot see ${executable}; copy it to ${USUAL_EXECUTABLE} and install from there`,
    );
  }
  return executable;
}
