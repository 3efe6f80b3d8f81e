import assert from "assert";
import fc from "fast-check";
import { isInRange, parseAddressRange } from "../../../lib/rules/run/address_range.ts";

const CASES: readonly [range: string, address: string, inside: boolean][] = [
  ["203.0.113.0/24", "203.0.113.255", true],
  ["203.0.113.0/24", "203.0.114.0", false],
  ["203.0.113.4", "203.0.113.4", true],
  ["203.0.113.4", "203.0.113.5", false],
  ["10.0.0.0/9", "10.127.255.255", true],
  ["10.0.0.0/9", "10.128.0.0", false],
  ["0.0.0.0/0", "198.51.100.1", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::/32", "2001:db8:ffff::1", true],
  ["2001:db8::/32", "2001:db9::1", false],
  ["2001:db8::1", "2001:DB8:0:0:0:0:0:1", true],
  ["192.0.2.0/24", "::ffff:192.0.2.7", true],
  ["192.0.2.0/24", "192.0.2", false],
  ["192.0.2.0/24", "192.0.2.7.1", false],
  ["192.0.2.0/24", "", false],
  ["192.0.2.0/24", "192.0.2.07", false],
];

for (const [range, address, inside] of CASES) {
  Deno.test(`${address || "nothing"} is ${inside ? "" : "not "}in ${range}`, () => {
    const parsed = parseAddressRange(range);
    assert.ok(parsed !== undefined);
    assert.equal(isInRange(address, parsed), inside);
  });
}

for (
  const text of ["", "/8", "a.b.c.d", "1.2.3.4/33", "1.2.3", "::/129", "1::2::3", ":::", "1:2:3"]
) {
  Deno.test(`${text || "nothing"} is no range`, () => {
    assert.equal(parseAddressRange(text), undefined);
  });
}

Deno.test("no text makes a range throw", () => {
  const text = fc.string({ unit: fc.constantFrom(":", ".", "/", "0", "f", "255", "::ffff:") });
  fc.assert(fc.property(text, text, (range, address) => {
    const parsed = parseAddressRange(range);
    if (parsed !== undefined) isInRange(address, parsed);
  }));
});
