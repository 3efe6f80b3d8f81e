import { join } from "node:path";
import { packedFile, packPart } from "../../.tasks/packed_file.ts";
import { RUNTIMES, sha256, type Target, TARGETS } from "../../.tasks/runtimes.ts";
import { writeExecutable } from "../harness/executable_file.ts";

const SCRIPT = new URL("../../.tasks/pack_header.sh", import.meta.url);

/** Says what it was given, in the place of a runtime. `code N` ends with N, `wait` until a signal comes. */
const STAND_IN = `#!/bin/sh
[ "$1" = --version ] && exit 0
while [ "\${1#-}" != "$1" ] || [ "$1" = run ]; do shift; done
shift
case $1 in
code) exit "$2" ;;
wait) trap 'echo "got TERM"; exit 7' TERM; echo waiting; while :; do sleep 0.01; done ;;
esac
printf '[%s]' "$@"
printf '\\n%s\\n%s\\n%s\\n' "$0" "$DENO_DIR" "$DECNET_TTP_EXECUTABLE"
umask
`;

/** How one start ended. */
export interface Start {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Lines of what the stand-in said: its arguments, its own path, DENO_DIR, the packed file, the umask. */
  readonly said: readonly string[];
}

/**
 * A packed file with the real script and a small stand-in for the runtime, in a
 * folder of its own with a home beside it: each way to start it takes milliseconds.
 */
export class PackedStub implements Disposable {
  readonly folder: string;
  /** Name of the packed file. */
  readonly file: string;
  /** Home of whoever starts it. */
  readonly home: string;

  /** @param name of the packed file */
  constructor(name: string = "decnet-ttp") {
    this.folder = Deno.makeTempDirSync({ prefix: "packed stub " });
    Deno.chmodSync(this.folder, 0o755);
    this.file = join(this.folder, name);
    this.home = join(this.folder, "home");
    Deno.mkdirSync(this.home);
    writeExecutable(this.file, stubFile());
  }

  /** Directory into which it unpacks itself when nothing is in the way. */
  get cache(): string {
    return join(this.home, ".cache/decnet-ttp");
  }

  /**
   * Starts it in an empty environment but for a home and what is named.
   *
   * @param shell what reads the script; the system's own way when not named
   */
  async start(
    args: readonly string[] = [],
    { shell = [], env = {}, uid, cwd }: {
      readonly shell?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      readonly uid?: number;
      readonly cwd?: string;
    } = {},
  ): Promise<Start> {
    const [program, ...words] = [...shell, this.file, ...args];
    const { code, stdout, stderr } = await new Deno.Command(program!, {
      args: words,
      clearEnv: true,
      env: { HOME: this.home, ...env },
      stdin: "null",
      ...(uid !== undefined && { uid, gid: uid }),
      ...(cwd !== undefined && { cwd }),
    }).output();
    const decoder = new TextDecoder();
    const out = decoder.decode(stdout);
    return { code, out, err: decoder.decode(stderr), said: out.trimEnd().split("\n") };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** The platform of this machine. */
export const HOST_TARGET = TARGETS.find((target) => target.startsWith(Deno.build.arch))!;

let built: Uint8Array | undefined;

/** Bytes of the packed file; the script is the real one. */
export function stubFile(): Uint8Array {
  return built ??= packStub(STAND_IN);
}

/** A packed file whose runtime is a shell script. It says that it is for this machine, or for another. */
export function packStub(standIn: string, target: Target = HOST_TARGET): Uint8Array {
  const executable = new TextEncoder().encode(standIn);
  return packedFile({
    script: Deno.readTextFileSync(SCRIPT),
    runtime: { ...RUNTIMES[target], sha256: sha256(executable) },
    revision: { commit: "0123456789abcdef0123456789abcdef01234567", seconds: 0 },
    program: packPart(new TextEncoder().encode("// no program\n")),
    executable: packPart(executable),
  });
}
