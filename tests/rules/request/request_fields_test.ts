import assert from "assert";
import fc from "fast-check";
import { fieldReader } from "../../../lib/rules/format/field.ts";
import { requestFields } from "../../../lib/rules/request/request_fields.ts";

type Payload = Readonly<Record<string, unknown>>;

const READ: readonly [about: string, payload: Payload, field: string, text: string | undefined][] =
  [
    ["an address is decoded", { raw_url: "/a%2Fb?q=1%2527" }, "url", "/a/b?q=1'"],
    ["a plus is a blank in the query only", { raw_url: "/a+b?c+d" }, "url", "/a+b?c d"],
    ["the path stands in for the address", { request_path: "/%61" }, "url", "/a"],
    ["an address of another type is absent", { raw_url: 7 }, "url", undefined],
    ["the path ends at the query", { raw_url: "/a%20b?c" }, "path", "/a b"],
    ["an encoded question mark is part of the path", { raw_url: "/a%3fb?c" }, "path", "/a?b"],
    ["the query begins behind the mark", { raw_url: "/a?b=%3c+" }, "query", "b=< "],
    ["there is no query without a mark", { raw_url: "/a" }, "query", undefined],
    ["a form is decoded", { body: "a=%27+or+1" }, "body", "a=' or 1"],
    ["a body by its other name", { request_body: "a=%31" }, "body", "a=1"],
    [
      "a form by its header",
      { body: "%3Cx", headers: { "content-type": "application/x-www-form-urlencoded" } },
      "body",
      "<x",
    ],
    ["JSON loses its escapes", { body: '{"a":"\\u003cb\\/c\\n\\""}' }, "body", '{"a":"<b/c\n""}'],
    [
      "JSON is JSON whatever the header says",
      {
        body: '{"a":"100%25+1"}',
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
      },
      "body",
      '{"a":"100%25+1"}',
    ],
    ["XML stays as it is", { body: "<a>%41+</a>" }, "body", "<a>%41+</a>"],
    [
      "bytes stay as they are",
      {
        body: "x=%41",
        headers: { "Content-Type": "application/octet-stream" },
      },
      "body",
      "x=%41",
    ],
    ["a body of another type is absent", { body: { a: 1 } }, "body", undefined],
    ["headers are lines", { headers: { Host: "a", "X-B": "%41" } }, "headers", "host: a\nx-b: A"],
    ["headers as pairs", { headers: [["A", "1"], ["B", "2"]] }, "headers", "a: 1\nb: 2"],
    ["headers as lines", { headers: ["A: 1", "no line", "B:2"] }, "headers", "a: 1\nb: 2"],
    ["headers as objects", { headers: [{ name: "A", value: "1" }, null, 3] }, "headers", "a: 1"],
    ["a header that was sent twice", { headers: { A: ["1", 2, "3"] } }, "headers", "a: 1\na: 3"],
    ["headers of another type are absent", { headers: "A: 1" }, "headers", undefined],
    ["no header at all", { headers: { A: 1 } }, "headers", undefined],
    [
      "one header in any case",
      { headers: { REFERER: "/?a=%3Cb+c" } },
      "headers.Referer",
      "/?a=<b c",
    ],
    ["all headers", { headers: { A: "1" } }, "headers.*", "a: 1"],
    ["the user agent", { user_agent: "x", headers: { "User-Agent": "y" } }, "user_agent", "x"],
    ["the user agent from its header", { headers: { "User-Agent": "y" } }, "user_agent", "y"],
    ["what the producer sent is there too", { raw_url: "/%61" }, "raw_url", "/%61"],
    [
      "everything",
      {
        method: "POST",
        raw_url: "/%61",
        user_agent: "u",
        headers: { A: "1" },
        body: "b=%63",
      },
      "text",
      "POST /a\na: 1\nuser-agent: u\n\nb=c",
    ],
    ["everything of nothing", {}, "text", undefined],
  ];

for (const [about, payload, field, text] of READ) {
  Deno.test(`a request has ${field}: ${about}`, () => {
    assert.equal(fieldReader(field, "http_request")(payload), text);
  });
}

Deno.test("other kinds of event keep their own fields of these names", () => {
  assert.equal(fieldReader("url", "payload")({ url: "/%61" }), "/%61");
  assert.equal(fieldReader("body", "email")({ body: 'a="\\u0041"' }), 'a="\\u0041"');
});

Deno.test("a request is derived once", () => {
  let reads = 0;
  const payload = {
    get raw_url() {
      reads += 1;
      return "/%61";
    },
  };
  const read = fieldReader("url", "http_request");
  assert.equal(read(payload), "/a");
  assert.equal(read(payload), "/a");
  assert.equal(reads, 1);
});

Deno.test("a huge address, body and headers are cut, and the body keeps its place in the whole", () => {
  const request = requestFields({
    raw_url: `/${"u".repeat(1_000_000)}`,
    headers: Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`h${index}`, "v".repeat(1_000)]),
    ),
    body: `{"marker":"${"b".repeat(1_000_000)}`,
  });
  assert.equal(request.url?.length, 65_536);
  assert.equal(request.body?.length, 65_536);
  assert.ok((request.headerLines?.length ?? 0) < 70_000);
  assert.ok((request.text?.indexOf("marker") ?? -1) > 0);
  assert.ok((request.text?.indexOf("marker") ?? 0) < 40_000);
  assert.equal(request.truncated, true);
});

Deno.test("no payload makes a request throw", () => {
  const value = fc.oneof(fc.string(), fc.jsonValue(), fc.constant("%u00%c0%+?&=\\u00"));
  const payloads = fc.record({
    raw_url: value,
    method: value,
    headers: fc.oneof(value, fc.array(value), fc.dictionary(fc.string(), value)),
    user_agent: value,
    body: value,
  }, { requiredKeys: [] });
  const fields = ["url", "path", "query", "body", "headers", "headers.cookie", "text"];
  fc.assert(fc.property(payloads, (payload) => {
    for (const field of fields) {
      const text = fieldReader(field, "http_request")(payload);
      assert.ok(text === undefined || typeof text === "string");
    }
  }));
});
