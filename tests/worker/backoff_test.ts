import assert from "assert";
import fc from "fast-check";
import { Backoff } from "../../lib/worker/backoff.ts";

Deno.test("Backoff grows from the first pause to the last, a quarter of it left to chance", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), (failures) => {
    const backoff = new Backoff({ firstMs: 100, lastMs: 10_000 });
    let pause = 0;
    for (let i = 0; i < failures; i++) pause = backoff.next();
    const full = Math.min(100 * 2 ** (failures - 1), 10_000);
    assert.ok(pause <= full && pause >= full * 0.75);
  }));
});

Deno.test("Backoff begins anew after a success", () => {
  const backoff = new Backoff({ firstMs: 100, lastMs: 10_000 });
  for (let i = 0; i < 5; i++) backoff.next();
  backoff.reset();
  assert.equal(backoff.failures, 0);
  assert.ok(backoff.next() <= 100);
});
