import { join } from "node:path";
import { tryProgram, unpackDebianPackage } from "./debian_package.ts";

/** A shell that may stand behind `/bin/sh` on a host. */
export interface Shell {
  readonly name: string;
  /** What comes before the name of a script. */
  readonly command: readonly [string, ...string[]];
}

/** A busybox that needs no libraries; from the distribution's package where the host has none. */
export async function staticBusybox(): Promise<string> {
  return join(await unpackDebianPackage("busybox-static"), "bin/busybox");
}

/** dash and busybox, the shells of Debian and of small systems, and bash as others have it. */
export async function hostShells(): Promise<readonly Shell[]> {
  return [
    { name: "dash", command: [await dash()] },
    { name: "busybox sh", command: [await staticBusybox(), "sh"] },
    { name: "bash --posix", command: ["bash", "--posix"] },
  ];
}

async function dash(): Promise<string> {
  if ((await tryProgram("dash", ["-c", "exit 0"])).ok) return "dash";
  return join(await unpackDebianPackage("dash"), "bin/dash");
}
