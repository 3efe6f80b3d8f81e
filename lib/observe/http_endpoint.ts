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

/** Where the endpoint listens, and who may ask. */
export interface HttpOptions {
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Who asks must know it, as a bearer token or as the password of any user; nobody must when absent. */
  readonly token?: string;
}

/** A running endpoint; disposed of, it ends after the requests under way. */
export interface HttpEndpoint extends AsyncDisposable {
  /** Where it is, e.g. `http://127.0.0.1:9464/`. */
  readonly url: string;
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
 * Serves `/healthz`, `/readyz`, `/metrics` and `/`.
 *
 * @param onError told of a failure to answer, which the one who asks sees as 500
 * @throws {Deno.errors.AddrInUse} when the port is taken
 */
export function serveHttp(
  { hostname, port, token }: HttpOptions,
  content: HttpContent,
  onError: (error: unknown) => void,
): HttpEndpoint {
  const server = Deno.serve({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port,
    onListen: () => {},
    onError: (error) => {
      onError(error);
      return answer(500, "it failed; the log of the worker says more\n");
    },
  }, (request) => respond(request, token, content));
  const name = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  return {
    url: `http://${name}:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function respond(request: Request, token: string | undefined, content: HttpContent): Response {
  const refusal = refuse(request, token);
  if (refusal !== undefined) return refusal;
  switch (new URL(request.url).pathname) {
    case "/healthz":
      return verdict(content.health());
    case "/readyz":
      return verdict(content.ready());
    case "/metrics":
      return answer(200, content.metrics(), OPEN_METRICS_TYPE);
    case "/":
      return answer(200, content.page(), "text/html; charset=utf-8");
    default:
      return answer(404, "there is /healthz, /readyz, /metrics and /\n");
  }
}

function refuse(request: Request, token: string | undefined): Response | undefined {
  if (token !== undefined) {
    if (!isAuthorized(request.headers.get("authorization"), token)) {
      return answer(401, "who asks must say the token\n", undefined, {
        "www-authenticate": 'Basic realm="decnet-ttp", charset="UTF-8", Bearer',
      });
    }
  } else if (!isLoopback(new URL(request.url).hostname)) {
    // A page of a stranger whose name points to this host must not be able to read it.
    return answer(403, "ask for localhost, not for another name of it\n");
  }
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  return answer(405, "there is nothing to change here\n", undefined, { allow: "GET, HEAD" });
}

/** Takes the same time whatever was said. */
function isAuthorized(header: string | null, token: string): boolean {
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

function verdict({ ok, facts }: Verdict): Response {
  return answer(ok ? 200 : 503, `${JSON.stringify(facts)}\n`, "application/json");
}

function answer(
  status: number,
  body: string,
  type = "text/plain; charset=utf-8",
  more: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...HEADERS, "content-type": type, ...more } });
}
