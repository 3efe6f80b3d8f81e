import { getLogger } from "@logtape/logtape";
import { htmlReport } from "../../../export/report/page.ts";
import type { HttpContent, Verdict } from "../../../observe/http_answer.ts";
import { type HttpEndpoint, type HttpOptions, serveHttp } from "../../../observe/http_endpoint.ts";
import { openMetrics } from "../../../observe/open_metrics.ts";
import type { Store } from "../../../store/store.ts";
import { workerMetrics } from "../../../worker/health/metrics.ts";
import type { RuleBook } from "../../../worker/rules/rule_book.ts";
import type { Worker } from "../../../worker/worker.ts";
import { EXIT, Exit } from "../../exit.ts";
import { PROGRAM_VERSION } from "../../program_version.ts";
import type { RulesInForce } from "../../rule_source.ts";

const log = getLogger(["ttp", "http"]);

/** Evidence of each technique on the live page. */
const EXAMPLES = 8;

/** A page is shown again for at least so long, in milliseconds. */
const PAGE_MS = 5_000;

/** And for so many times as long as it took to make: the worker has other work. */
const PAGE_SHARE = 20;

/** What the endpoint tells about. */
export interface HttpSubject {
  readonly worker: Worker;
  readonly store: Store;
  readonly book: RuleBook;
  readonly loaded: RulesInForce;
}

/**
 * Tells health, metrics and the report of a worker over HTTP.
 *
 * @throws {Exit} with code 2 when it cannot listen there
 */
export async function serveWorker(
  options: HttpOptions,
  subject: HttpSubject,
): Promise<HttpEndpoint> {
  try {
    const endpoint = await serveHttp(
      options,
      contentOf(subject),
      (error) => log.error("an answer over HTTP failed: {error}", { error: String(error) }),
    );
    log.info("health, metrics and the report are told at {url}", { url: endpoint.url });
    return endpoint;
  } catch (error) {
    const { hostname, port } = options;
    if (!(error instanceof Error)) throw error;
    const reason = "code" in error && error.code === "EADDRINUSE"
      ? "another program has that port; give another one"
      : error.message;
    throw new Exit(EXIT.usage, `--http: cannot listen at ${hostname}:${port}: ${reason}`);
  }
}

function contentOf({ worker, store, book, loaded }: HttpSubject): HttpContent {
  return {
    health: () => {
      const status = worker.status();
      return { ok: status["state"] === "ok", facts: status };
    },
    ready: () => readiness(worker),
    metrics: () => {
      const { rss } = Deno.memoryUsage();
      return openMetrics([...workerMetrics(worker), {
        name: "process_resident_memory_bytes",
        type: "gauge",
        unit: "bytes",
        help: "Memory of the process",
        samples: [{ value: rss }],
      }]);
    },
    page: keptFor(() =>
      htmlReport({
        ...{ store, attack: loaded.attack, now: new Date(), examples: EXAMPLES },
        ...{ filter: {}, scope: "everything" },
        rules: book.pack.rules,
        program: `decnet-ttp ${PROGRAM_VERSION}`,
      })
    ),
  };
}

/** Ready is who takes events: they can come, and can be written. */
export function readiness(worker: Pick<Worker, "status" | "health">): Verdict {
  const { bus, state, reason } = worker.status();
  const isWritten = worker.health.works("store") && worker.health.works("file");
  const ok = (bus === "connected" || bus === "none") && isWritten;
  return { ok, facts: { ready: ok, bus, state, ...(reason !== undefined && { reason }) } };
}

/** Makes a page at most so often that making it takes a small share of the time. */
function keptFor(make: () => string): () => string {
  let page = "";
  let until = -Infinity;
  return () => {
    const began = performance.now();
    if (began < until) return page;
    page = make();
    const took = performance.now() - began;
    until = performance.now() + Math.max(PAGE_MS, took * PAGE_SHARE);
    return page;
  };
}
