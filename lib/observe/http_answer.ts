import { createHash, timingSafeEqual } from "node:crypto";
import { OPEN_METRICS_TYPE } from "./open_metrics.ts";

/** Whether something is well, and the facts behind it. */
export interface Verdict {
  readonly ok: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What is told over HTTP, asked for anew at each request. */
export interface HttpContent {
  /** Whether everything works. */
  readonly health: () => Verdict;
  /** Whether the work goes on. */
  readonly ready: () => Verdict;
  /** Text in the format of OpenMetrics. */
  readonly metrics: () => string;
  /** A page of HTML. */
  readonly page: () => string;
}

/** What of a request decides about its answer. */
export interface HttpQuestion {
  readonly method: string;
  /** As it stands in the first line: a path, or a whole address. */
  readonly target: string;
  /** Each time that the host is said; nobody that old need say it. */
  readonly hosts: readonly string[];
  readonly authorization?: string;
}

/** An answer, ready to be written. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Names of this host that no name server can point at it. */
const LOOPBACK_REGEXP = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Whether an address is reached from this host only. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK_REGEXP.test(hostname) || hostname === "::1";
}

/**
 * The answer to one request.
 *
 * @param token what who asks must say; when absent, nobody must, and only names of this host are answered
 * @throws {Error} what making the content throws
 */
export function answerTo(
  question: HttpQuestion,
  token: string | undefined,
  content: HttpContent,
): HttpAnswer {
  const url = addressOf(question);
  if (url === undefined) return answer(400, "this is no address\n");
  const refusal = refuse(question, url.hostname, token);
  if (refusal !== undefined) return refusal;
  switch (url.pathname) {
    case "/healthz":
      return verdict(content.health());
    case "/readyz":
      return verdict(content.ready());
    case "/metrics":
      return answer(200, content.metrics(), { "content-type": OPEN_METRICS_TYPE });
    case "/":
      return answer(200, content.page(), { "content-type": "text/html; charset=utf-8" });
    default:
      return answer(404, "there is /healthz, /readyz, /metrics and /\n");
  }
}

/** What is said when an answer could not be made: that, and nothing else. */
export function failureAnswer(): HttpAnswer {
  return answer(500, "it failed; the log of the worker says more\n");
}

/** Two hosts are none: it would depend on the reader which of them counts. */
function addressOf({ target, hosts }: HttpQuestion): URL | undefined {
  const [host = "localhost", ...others] = hosts;
  if (others.length > 0 || /[/?#@\\]/.test(host)) return undefined;
  return URL.parse(target.startsWith("/") ? `http://${host}${target}` : target) ?? undefined;
}

function refuse(
  { method, authorization }: HttpQuestion,
  hostname: string,
  token: string | undefined,
): HttpAnswer | undefined {
  if (token !== undefined) {
    if (!isAuthorized(authorization, token)) {
      return answer(401, "who asks must say the token\n", {
        "www-authenticate": 'Basic realm="decnet-ttp", charset="UTF-8", Bearer',
      });
    }
  } else if (!isLoopback(hostname)) {
    // A page of a stranger whose name points to this host must not be able to read it.
    return answer(403, "ask for localhost, not for another name of it\n");
  }
  if (method === "GET" || method === "HEAD") return undefined;
  return answer(405, "there is nothing to change here\n", { allow: "GET, HEAD" });
}

/** Takes the same time whatever was said. */
function isAuthorized(header: string | undefined, token: string): boolean {
  const [, scheme, credentials = ""] = /^(bearer|basic)\s+(\S+)\s*$/i.exec(header ?? "") ?? [];
  const said = scheme?.toLowerCase() === "basic" ? passwordOf(credentials) : credentials;
  return timingSafeEqual(digest(said), digest(token)) && scheme !== undefined;
}

function passwordOf(credentials: string): string {
  try {
    const bytes = Uint8Array.fromBase64(credentials);
    return new TextDecoder().decode(bytes).replace(/^[^:]*:/, "");
  } catch {
    return "";
  }
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function verdict({ ok, facts }: Verdict): HttpAnswer {
  const headers = { "content-type": "application/json" };
  return answer(ok ? 200 : 503, `${JSON.stringify(facts)}\n`, headers);
}

function answer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const type = { "content-type": "text/plain; charset=utf-8" };
  return { status, headers: { ...HEADERS, ...type, ...headers }, body };
}
