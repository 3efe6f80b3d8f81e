import type { Context } from "../../lib/cli/context.ts";
import { run } from "../../lib/cli/program.ts";
import { type Sink, Terminal } from "../../lib/cli/output/terminal.ts";

/** What one command line gave. */
export interface CapturedRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line of the program with its streams and environment in memory. */
export async function runCaptured(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CapturedRun> {
  const out = memorySink();
  const err = memorySink();
  const context: Context = {
    terminal: new Terminal({ stdout: out.sink, stderr: err.sink }),
    env: (name) => env[name],
    stdin: () => new Blob([]).stream(),
  };
  const code = await run(args, context);
  return { code, out: out.text(), err: err.text() };
}

/** A temporary directory with files, removed at the end of a block. */
export function directoryWith(
  files: Readonly<Record<string, string>>,
): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync();
  for (const [name, text] of Object.entries(files)) {
    const slash = name.lastIndexOf("/");
    if (slash > 0) Deno.mkdirSync(`${path}/${name.slice(0, slash)}`, { recursive: true });
    Deno.writeTextFileSync(`${path}/${name}`, text);
  }
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function memorySink(): { readonly sink: Sink; readonly text: () => string } {
  const decoder = new TextDecoder();
  let text = "";
  return {
    sink: {
      writeSync: (bytes) => {
        text += decoder.decode(bytes, { stream: true });
        return bytes.length;
      },
    },
    text: () => text,
  };
}
