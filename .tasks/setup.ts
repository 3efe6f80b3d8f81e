/**
 * `deno task setup`: makes sure that there is a nats-server for the tests.
 *
 * It is taken from the distribution's package, unpacked into `.cache/` without
 * installing anything, so that no root is needed.
 */
import { tryProgram, unpackDebianPackage } from "../tests/harness/debian_package.ts";
import { findNatsServer } from "../tests/harness/nats_binary.ts";

const PACKAGE = "nats-server";

/** @returns exit code */
async function setup(): Promise<number> {
  const say = (line: string) => Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  if (findNatsServer() === undefined) {
    say(`fetching ${PACKAGE} from the distribution's packages …`);
    try {
      await unpackDebianPackage(PACKAGE);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      say(
        "nats-server could not be fetched with apt-get and dpkg-deb. Install it yourself " +
          "(https://nats.io/download) and put it on the search path or into NATS_SERVER.",
      );
      return 1;
    }
  }
  const path = findNatsServer();
  const version = await tryProgram(path ?? PACKAGE, ["--version"]);
  if (path === undefined || !version.ok) {
    say(`${path ?? PACKAGE} does not run: ${version.output}`);
    return 1;
  }
  say(`${path}: ${version.output}`);
  return 0;
}

Deno.exit(await setup());
