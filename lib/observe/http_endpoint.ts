import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server } from "node:http";
import {
  answerTo,
  failureAnswer,
  type HttpAnswer,
  type HttpContent,
  type HttpQuestion,
} from "./http_answer.ts";

/** Where the endpoint listens, and who may ask. */
export interface HttpOptions {
  readonly hostname: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Who asks must know it, as a bearer token or as the password of any user; nobody must when absent. */
  readonly token?: string;
  /** How much strangers may keep open, and for how long; what is not said is as by default. */
  readonly limits?: Partial<HttpLimits>;
}

/**
 * What a client can make the process hold. Who connects has not said a token yet,
 * and every connection takes one of the files that the database and the bus need.
 */
export interface HttpLimits {
  /** Connections at a time; one more is closed at once. */
  readonly connections: number;
  /** For a request to come, and for a connection on which nothing moves, in milliseconds. */
  readonly patienceMs: number;
  /** For answers under way when the endpoint ends, in milliseconds. */
  readonly lastAnswersMs: number;
}

/** A running endpoint; disposed of, it ends after the requests under way, however slow their clients are. */
export interface HttpEndpoint extends AsyncDisposable {
  /** Where it is, e.g. `http://127.0.0.1:9464/`. */
  readonly url: string;
}

/** Half of the 1024 files that a process may commonly have open. */
const LIMITS: HttpLimits = { connections: 512, patienceMs: 10_000, lastAnswersMs: 1000 };

/** First line and headers of a request, in bytes. */
const MAX_HEAD = 16 * 1024;

/**
 * Serves `/healthz`, `/readyz`, `/metrics` and `/`.
 *
 * @param onError told of a failure to answer, which the one who asks sees as 500
 * @throws {Error} when it cannot listen there, with the code `EADDRINUSE` when the port is taken
 */
export async function serveHttp(
  { hostname, port, token, limits }: HttpOptions,
  content: HttpContent,
  onError: (error: unknown) => void,
): Promise<HttpEndpoint> {
  const { connections, patienceMs, lastAnswersMs } = { ...LIMITS, ...limits };
  const options = {
    maxHeaderSize: MAX_HEAD,
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    keepAliveTimeout: patienceMs,
    connectionsCheckingInterval: Math.ceil(patienceMs / 4),
  };
  const answerSafely = (request: IncomingMessage): HttpAnswer => {
    try {
      return answerTo(questionOf(request), token, content);
    } catch (error) {
      onError(error);
      return failureAnswer();
    }
  };
  const server = createServer(options, (request, response) => {
    const { status, headers, body } = answerSafely(request);
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
  server.maxConnections = connections;
  server.setTimeout(patienceMs, (socket) => socket.destroy());
  await listen(server, hostname.replace(/^\[|\]$/g, ""), port);
  server.on("error", onError);
  const name = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  return {
    url: `http://${name}:${portOf(server)}/`,
    [Symbol.asyncDispose]: () => end(server, lastAnswersMs),
  };
}

function questionOf(
  { method = "", url = "", rawHeaders, headers }: IncomingMessage,
): HttpQuestion {
  const { authorization } = headers;
  // Names and values take turns; the parsed headers have the first host alone.
  const hosts = rawHeaders.filter((_, index) =>
    index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "host"
  );
  return { method, target: url, hosts, ...(authorization !== undefined && { authorization }) };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen({ host, port }, listening.resolve);
  await listening.promise;
  server.off("error", listening.reject);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Connections that wait for a request are closed at once, the others after their answer or in time. */
async function end(server: Server, lastAnswersMs: number): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), lastAnswersMs);
  await closed.promise;
  clearTimeout(timer);
}
