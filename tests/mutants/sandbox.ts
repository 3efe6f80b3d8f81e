import { dirname, join } from "node:path";
import { CACHE_DIR } from "../harness/nats_binary.ts";
import { type Mutant, mutate } from "./mutant.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A run of tests that takes longer has noticed something, in milliseconds. */
const TIMEOUT_MS = 240_000;

/** What tests said of one defect. */
export interface Verdict {
  readonly noticed: boolean;
  /** The test file or folder that failed. */
  readonly by?: string;
  readonly seconds: number;
}

/** A copy of the project in which one defect at a time is tried. */
export class Sandbox implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies what git tracks, as it is in the working tree. */
  static async create(): Promise<Sandbox> {
    const folder = await Deno.makeTempDir({ prefix: "decnet-ttp-mutants-" });
    const { stdout } = await new Deno.Command("git", {
      args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      cwd: ROOT,
    }).output();
    const names = new TextDecoder().decode(stdout).split("\0").filter((name) => name !== "");
    for (const name of names) {
      await Deno.mkdir(join(folder, dirname(name)), { recursive: true });
      try {
        await Deno.copyFile(join(ROOT, name), join(folder, name));
      } catch (error) {
        // Deleted, and not committed yet.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await Deno.symlink(CACHE_DIR, join(folder, ".cache"));
    return new Sandbox(folder);
  }

  /** Runs tests on the code as it is; they must pass, or no verdict means anything. */
  async baseline(tests: readonly string[]): Promise<Verdict> {
    return await this.#run(tests);
  }

  /** Puts one defect in, runs its tests until one fails, and takes it out again. */
  async try(mutant: Mutant): Promise<Verdict> {
    const path = join(this.#folder, mutant.file);
    const source = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, mutate(source, mutant));
    try {
      return await this.#run(mutant.tests);
    } finally {
      await Deno.writeTextFile(path, source);
    }
  }

  /** Removes the copy. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #run(tests: readonly string[]): Promise<Verdict> {
    const start = performance.now();
    const seconds = (): number => (performance.now() - start) / 1000;
    for (const test of tests) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["test", "-A", "--no-check", "--fail-fast", "--quiet", test],
        cwd: this.#folder,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
      const { success } = await child.status;
      clearTimeout(timer);
      if (!success) return { noticed: true, by: test, seconds: seconds() };
    }
    return { noticed: false, seconds: seconds() };
  }
}
