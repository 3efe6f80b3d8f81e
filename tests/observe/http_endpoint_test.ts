import assert from "assert";
import { type HttpContent, isLoopback, serveHttp } from "../../lib/observe/http_endpoint.ts";

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
function listening(token?: string) {
  const errors: unknown[] = [];
  const endpoint = serveHttp(
    { hostname: "127.0.0.1", port: 0, ...(token !== undefined && { token }) },
    CONTENT,
    (error) => errors.push(error),
  );
  const { port } = new URL(endpoint.url);
  return {
    endpoint,
    errors,
    /** Over a plain connection: `fetch` does not let the host be chosen. */
    ask: async (path: string, headers: readonly string[] = [], method = "GET") => {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
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
  await using http = listening();
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
  await using http = listening();
  assert.equal((await http.ask("/etc/passwd")).status, 404);
  assert.equal((await http.ask("/../..//metrics/x")).status, 404);
  const post = await http.ask("/metrics", ["Content-Length: 0"], "POST");
  assert.deepEqual([post.status, /allow: get, head/.test(post.head)], [405, true]);
  assert.equal((await http.ask("/metrics", [], "HEAD")).body, "");
});

Deno.test("a failure to answer is told to the worker, and to who asks only that there was one", async () => {
  await using http = listening();
  const { status, body } = await http.ask("/");
  assert.deepEqual([status, body.includes("today")], [500, false]);
  assert.match(String(http.errors[0]), /no page today/);
});

Deno.test("a stranger's name for this host is refused, its own names are not", async () => {
  await using http = listening();
  for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.0.2.1"]) {
    assert.equal((await http.ask("/metrics", [`Host: ${host}`])).status, 403, host);
  }
  for (const host of ["localhost", "127.0.0.1", "[::1]", "127.0.0.1:9464"]) {
    assert.equal((await http.ask("/metrics", [`Host: ${host}`])).status, 200, host);
  }
});

Deno.test("with a token only who says it is answered, as a bearer or as a browser would", async () => {
  await using http = listening(TOKEN);
  const basic = (text: string): string => `Authorization: Basic ${btoa(text)}`;
  const cases: readonly (readonly [string, number])[] = [
    ["X-Nothing: 1", 401],
    ["Authorization: Bearer wrong", 401],
    [`Authorization: Bearer ${TOKEN.slice(0, -1)}`, 401],
    [`Authorization: ${TOKEN}`, 401],
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

Deno.test("a port that is taken is an error at once", async () => {
  await using http = listening();
  const port = Number(new URL(http.endpoint.url).port);
  assert.throws(
    () => serveHttp({ hostname: "127.0.0.1", port }, CONTENT, () => {}),
    Deno.errors.AddrInUse,
  );
});

Deno.test("only addresses of this host are taken for such", () => {
  for (const own of ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"]) {
    assert.ok(isLoopback(own), own);
  }
  for (const other of ["0.0.0.0", "::", "[::]", "192.0.2.1", "127.evil.example", "localhost.x"]) {
    assert.ok(!isLoopback(other), other);
  }
});
