/**
 * Writes a program that can be run at once. A process of its own does it: this
 * one starts others on several threads, each of them holds what is open for
 * writing for a moment, and the kernel refuses to run a file that somebody may
 * still write to ("Text file busy").
 */
export function writeExecutable(path: string, bytes: Uint8Array): void {
  const source = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(source, bytes);
    Deno.chmodSync(source, 0o755);
    copyExecutable(source, path);
  } finally {
    Deno.removeSync(source);
  }
}

/** Copies a program, with its mode, so that the copy can be run at once. */
export function copyExecutable(from: string, to: string): void {
  const { success, stderr } = new Deno.Command("cp", {
    args: ["--preserve=mode", "--", from, to],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
