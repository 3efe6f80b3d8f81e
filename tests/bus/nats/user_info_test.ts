import assert from "assert";
import fc from "fast-check";
import { parseUserInfo, permits } from "../../../lib/bus/nats/user_info.ts";

for (
  const [permission, subject, expected] of [
    [undefined, "a", true],
    [{}, "a", true],
    [{ allow: ["a.>"] }, "a.b", true],
    [{ allow: ["a.>"] }, "b", false],
    [{ deny: ["a.*"] }, "a.b", false],
    [{ deny: ["a.*"] }, "b", true],
    [{ allow: [">"], deny: ["a.b"] }, "a.b", false],
  ] as const
) {
  Deno.test(`${JSON.stringify(permission)} ${expected ? "permits" : "denies"} ${subject}`, () => {
    assert.equal(permits(permission, subject), expected);
  });
}

Deno.test("an answer of any shape is read as far as it makes sense", () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
    assert.equal(typeof parseUserInfo(new TextEncoder().encode(text)), "object");
  }));
  const data = { permissions: { publish: { allow: ["a", 1, null], deny: "b" } } };
  const text = JSON.stringify({ server: { time: "yesterday" }, data });
  assert.deepEqual(parseUserInfo(new TextEncoder().encode(text)), {
    publish: { allow: ["a"], deny: [] },
  });
});
