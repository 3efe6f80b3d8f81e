import assert from "assert";
import { programCommand } from "../cli/program_process.ts";
import { type ParsedSample, parseOpenMetrics } from "../observe/parsed_metrics.ts";
import { until } from "./until.ts";

/** A worker that is asked over HTTP how it is. */
export interface WatchedWorker extends AsyncDisposable {
  readonly get: (
    path: string,
    headers?: Record<string, string>,
  ) => Promise<{ readonly status: number; readonly text: string }>;
  readonly metrics: () => Promise<readonly ParsedSample[]>;
  /** What it has said. */
  readonly log: () => string;
  readonly database: string;
  /** Resolves with its exit code once it has ended. */
  readonly ended: Promise<number>;
}

/** The real program at work with an endpoint, as a process that ends with the block. */
export async function startWorker(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<WatchedWorker> {
  const folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-test-" });
  const child = programCommand(
    ["run", "--db", `${folder}/ttp.db`, "--http", "127.0.0.1:0", ...args],
    { env, stdout: "null" },
  ).spawn();
  let log = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
  })();
  let url = "";
  await until("the endpoint is there", () => {
    url = /are told at "(http:[^"]+)"/.exec(log)?.[1] ?? "";
    return url !== "";
  });
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(new URL(path, url), { headers });
    return { status: response.status, text: await response.text() };
  };
  return {
    get,
    metrics: async (): Promise<readonly ParsedSample[]> => {
      const { status, text } = await get("/metrics");
      assert.equal(status, 200);
      return parseOpenMetrics(text);
    },
    log: () => log,
    database: `${folder}/ttp.db`,
    ended: child.status.then(({ code }) => code),
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGTERM");
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof TypeError)) throw error;
      }
      const { code } = await child.status;
      await reading;
      Deno.removeSync(folder, { recursive: true });
      assert.equal(code, 0, log);
    },
  };
}

/** The value of one metric, 0 when it is not told. */
export function valueOf(
  samples: readonly ParsedSample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples.find((sample) =>
    sample.name === name &&
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  )?.value ?? 0;
}
