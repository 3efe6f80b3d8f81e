import assert from "assert";
import { type HttpContent, isLoopback } from "../../lib/observe/http_answer.ts";
import { type HttpLimits, serveHttp } from "../../lib/observe/http_endpoint.ts";
import { until } from "../harness/until.ts";

const TOKEN = "correct horse".replace(" ", "-battery-");

const CONTENT: HttpContent = {
  health: () => ({ ok: false, facts: { state: "degraded", reason: "bus: away" } }),
  ready: () => ({ ok: true, facts: { ready: true } }),
  metrics: () => "# EOF\n",
  page: () => {
    throw new Error("no page today");
  },
};

/** An endpoint on a free port, and a way to ask it with any headers. */
async function listening(token?: string, limits: Partial<HttpLimits> = {}) {
  const errors: unknown[] = [];
  const endpoint = await serveHttp(
    { hostname: "127.0.0.1", port: 0, limits, ...(token !== undefined && { token }) },
    CONTENT,
    (error) => errors.push(error),
  );
  const { port } = new URL(endpoint.url);
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  return {
    endpoint,
    errors,
    /** A connection on which a client has said so much, and says no more. */
    begin: async (text: string): Promise<Deno.Conn> => {
      const connection = await connect();
      await connection.write(new TextEncoder().encode(text));
      return connection;
    },
    /** Over a plain connection: `fetch` does not let the host be chosen. */
    ask: async (path: string, headers: readonly string[] = [], method = "GET") => {
      using connection = await connect();
      const host = headers.some((header) => /^host:/i.test(header))
        ? []
        : [`Host: localhost:${port}`];
      const lines = [
        `${method} ${path} HTTP/1.1`,
        ...host,
        ...headers,
        "Connection: close",
        "",
        "",
      ];
      await connection.write(new TextEncoder().encode(lines.join("\r\n")));
      const text = await new Response(connection.readable).text();
      const [head = "", body = ""] = text.split("\r\n\r\n");
      return { status: Number(head.split(" ")[1]), head: head.toLowerCase(), body };
    },
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

Deno.test("health, readiness and metrics are told, each with its status and type", async () => {
  await using http = await listening();
  const health = await http.ask("/healthz");
  assert.equal(health.status, 503);
  assert.deepEqual(JSON.parse(health.body), { state: "degraded", reason: "bus: away" });
  assert.equal((await http.ask("/readyz")).status, 200);
  const metrics = await http.ask("/metrics");
  assert.match(metrics.head, /content-type: application\/openmetrics-text; version=1\.0\.0/);
  assert.equal(metrics.body, "# EOF\n");
  assert.match(metrics.head, /cache-control: no-store[^]*x-content-type-options: nosniff/);
});

Deno.test("what is not there, or would change something, is refused", async () => {
  await using http = await listening();
  assert.equal((await http.ask("/etc/passwd")).status, 404);
  assert.equal((await http.ask("/../..//metrics/x")).status, 404);
  const post = await http.ask("/metrics", ["Content-Length: 0"], "POST");
  assert.deepEqual([post.status, /allow: get, head/.test(post.head)], [405, true]);
  assert.equal((await http.ask("/metrics", [], "HEAD")).body, "");
});

Deno.test("a failure to answer is told to the worker, and to who asks only that there was one", async () => {
  await using http = await listening();
  const { status, body } = await http.ask("/");
  assert.deepEqual([status, body.includes("today")], [500, false]);
  assert.match(String(http.errors[0]), /no page today/);
});

Deno.test("a stranger's name for this host is refused, its own names are not", async () => {
  await using http = await listening();
  for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.0.2.1"]) {
    assert.equal((await http.ask("/metrics", [`Host: ${host}`])).status, 403, host);
  }
  for (const host of ["localhost", "127.0.0.1", "[::1]", "127.0.0.1:9464"]) {
    assert.equal((await http.ask("/metrics", [`Host: ${host}`])).status, 200, host);
  }
});

Deno.test("with a token only who says it is answered, as a bearer or as a browser would", async () => {
  await using http = await listening(TOKEN);
  const basic = (text: string): string => `Authorization: Basic ${btoa(text)}`;
  const cases: readonly (readonly [string, number])[] = [
    ["X-Nothing: 1", 401],
    ["Authorization: Bearer wrong", 401],
    [`Authorization: Bearer ${TOKEN.slice(0, -1)}`, 401],
    [`Authorization: ${TOKEN}`, 401],
    [`Authorization: Bearer ${TOKEN.toUpperCase()}`, 401],
    ["Authorization: Basic !!", 401],
    [basic(`any:${TOKEN}x`), 401],
    [`Authorization: Bearer ${TOKEN}`, 200],
    [`authorization: bearer ${TOKEN}`, 200],
    [basic(`any:${TOKEN}`), 200],
  ];
  for (const [header, status] of cases) {
    for (const path of ["/metrics", "/readyz"]) {
      const answer = await http.ask(path, [header, "Host: sensor.example"]);
      assert.equal(answer.status, status, header);
      assert.equal(answer.body.includes(TOKEN), false);
    }
  }
});

Deno.test("an address that cannot be one is the mistake of who asks", async () => {
  await using http = await listening();
  const hosts = ["[::1", "a b", "localhost:99999", "localhost/x", "evil@localhost", "local\\host"];
  for (const host of hosts) {
    assert.equal((await http.ask("/metrics", [`Host: ${host}`])).status, 400, host);
  }
  const two = await http.ask("/metrics", ["Host: localhost", "Host: evil.example"]);
  assert.equal(two.status, 400);
  assert.equal((await http.ask("http://evil.example/metrics")).status, 403);
  assert.equal((await http.ask("http://localhost/metrics")).status, 200);
  assert.deepEqual(http.errors, []);
});

Deno.test("a port that is taken is an error at once", async () => {
  await using http = await listening();
  const port = Number(new URL(http.endpoint.url).port);
  await assert.rejects(
    () => serveHttp({ hostname: "127.0.0.1", port }, CONTENT, () => {}),
    { code: "EADDRINUSE" },
  );
});

/** Clients that say a part of what they must, and then nothing. */
const UNFINISHED = {
  "says nothing": "",
  "stops within a header": "GET /metrics HTTP/1.1\r\nHost: local",
  "announces a body that does not come":
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\nabc",
  "keeps the connection": "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
} as const;

for (const [what, text] of Object.entries(UNFINISHED)) {
  Deno.test(`a client that ${what} does not keep the endpoint from ending`, async () => {
    const http = await listening(undefined, { lastAnswersMs: 20 });
    using connection = await http.begin(text);
    // Answered later than the other was taken on.
    assert.equal((await http.ask("/readyz")).status, 200);
    await http.endpoint[Symbol.asyncDispose]();
    await drained(connection);
  });

  Deno.test(`a client that ${what} is let go`, async () => {
    await using http = await listening(undefined, { patienceMs: 50 });
    using connection = await http.begin(text);
    await drained(connection);
  });
}

Deno.test("who comes when too many are there is sent away until some have gone", async () => {
  await using http = await listening(undefined, { connections: 2 });
  const early = [await http.begin(""), await http.begin("")];
  const isAnswered = async (): Promise<boolean> => {
    try {
      return (await http.ask("/readyz")).status === 200;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      return false;
    }
  };
  await until("no more are taken", async () => !await isAnswered());
  for (const connection of early) connection.close();
  await until("there is room again", isAnswered);
});

/** Reads until the other side closes. */
async function drained(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  try {
    while (await connection.read(buffer) !== null);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
}

Deno.test("only addresses of this host are taken for such", () => {
  for (const own of ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"]) {
    assert.ok(isLoopback(own), own);
  }
  for (const other of ["0.0.0.0", "::", "[::]", "192.0.2.1", "127.evil.example", "localhost.x"]) {
    assert.ok(!isLoopback(other), other);
  }
});
