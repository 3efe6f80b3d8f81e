import { dirname, join } from "node:path";
import { tryProgram } from "./debian_package.ts";
import { copyExecutable } from "./executable_file.ts";
import { staticBusybox } from "./shells.ts";

/** Somebody without rights: `nobody` on every Linux. */
export const NOBODY = 65_534;

/** What a root holds besides a C library, and what is mounted in it. */
export interface EmptyRootOptions {
  /** `busybox` is shell and tools in one; `dash` comes alone, or with busybox beside it. */
  readonly shell?: "busybox" | "dash" | "dash+busybox";
  /** Without it `/proc` is an empty directory. */
  readonly proc?: boolean;
  /** Mount options of a small file system, by directory. */
  readonly tmpfs?: Readonly<Record<string, string>>;
}

const IS_ROOT = Deno.uid() === 0;

/**
 * Owner of what the program in a root may write to, as mount options name it: who may become anybody
 * becomes nobody; anybody else is root in a user namespace, and then nobody in one inside it.
 */
export const OWNER = IS_ROOT ? NOBODY : 0;

/** Makes the root and gives its place to the program: signals and exit code are the program's. */
const ENTER = `set -e
root=$1 mounts=$2; shift 2
eval "$mounts"
${
  IS_ROOT
    ? `exec chroot --userspec=${NOBODY}:${NOBODY} "$root" "$@"`
    : `exec unshare --user --map-user=${NOBODY} --map-group=${NOBODY} --root="$root" "$@"`
}`;

/**
 * A directory that stands for `/` with nothing in it but a C library and
 * `/bin/sh`. Needs root, or user namespaces.
 */
export class EmptyRoot implements Disposable {
  readonly path: string;
  readonly #mounts: string;

  private constructor(path: string, { proc = true, tmpfs = {} }: EmptyRootOptions) {
    this.path = path;
    this.#mounts = [
      ...(proc ? ['mount --rbind /proc "$root/proc"'] : []),
      ...Object.entries(tmpfs).map(([at, options]) =>
        `mount -t tmpfs -o ${options} tmpfs "$root${at}"`
      ),
    ].join("\n");
  }

  /**
   * @param libraries executables whose shared libraries are to be there
   * @param options what else
   */
  static async create(
    libraries: readonly string[],
    options: EmptyRootOptions = {},
  ): Promise<EmptyRoot> {
    const root = new EmptyRoot(Deno.makeTempDirSync({ prefix: "empty-root-" }), options);
    try {
      for (const folder of ["bin", "proc", "home", "tmp", ...Object.keys(options.tmpfs ?? {})]) {
        await Deno.mkdir(join(root.path, folder), { recursive: true });
      }
      Deno.chmodSync(root.path, 0o755);
      Deno.chmodSync(join(root.path, "tmp"), 0o1777);
      Deno.chmodSync(join(root.path, "home"), 0o755);
      if (IS_ROOT) Deno.chownSync(join(root.path, "home"), NOBODY, NOBODY);
      await root.#addShell(options.shell ?? "busybox");
      for (const library of (await Promise.all(libraries.map(sharedLibraries))).flat()) {
        await root.add(library, library);
      }
      return root;
    } catch (error) {
      root[Symbol.dispose]();
      throw error;
    }
  }

  /** Puts a copy of a file into the root. */
  async add(file: string, at: string): Promise<void> {
    const target = join(this.path, at);
    await Deno.mkdir(dirname(target), { recursive: true });
    copyExecutable(file, target);
  }

  /**
   * A program in the root, as somebody without rights, in an environment that holds
   * what is named and nothing else.
   *
   * @param argv the program, by its path in the root, and its arguments
   */
  command(
    argv: readonly string[],
    options: Pick<Deno.CommandOptions, "env" | "stdin" | "stdout" | "stderr"> = {},
  ): Deno.Command {
    const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
    const inside = [ENTER, "enter", this.path, this.#mounts, ...argv];
    return new Deno.Command("env", {
      args: [
        "-i",
        ...env,
        "/usr/bin/unshare",
        "--mount",
        ...(IS_ROOT ? [] : ["--map-root-user"]),
        "sh",
        "-c",
        ...inside,
      ],
      stdin: "null",
      ...options,
      env: {},
    });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }

  async #addShell(shell: NonNullable<EmptyRootOptions["shell"]>): Promise<void> {
    if (shell === "busybox") return await this.add(await staticBusybox(), "/bin/sh");
    await this.add("/bin/dash", "/bin/sh");
    for (const library of await sharedLibraries("/bin/dash")) await this.add(library, library);
    if (shell === "dash+busybox") await this.add(await staticBusybox(), "/bin/busybox");
  }
}

/** Paths of the shared libraries of an executable, its loader included. */
async function sharedLibraries(executable: string): Promise<readonly string[]> {
  const { ok, output } = await tryProgram("ldd", [executable]);
  if (!ok) throw new Error(`ldd ${executable}: ${output}`);
  return [...output.matchAll(/(?:^|=>)\s*(\/\S+) \(0x/gm)].map(([, path]) => path!);
}
