import assert from "assert";
import { BusError } from "../../lib/bus/bus.ts";
import { CONFIRMED, notPermitted } from "../../lib/bus/publish_outcome.ts";
import { requireConfirmed } from "../../lib/bus/require_confirmed.ts";

Deno.test("a publication of which everything is confirmed is no failure", () => {
  requireConfirmed([]);
  requireConfirmed([CONFIRMED, CONFIRMED]);
});

Deno.test("the first message that is not confirmed says why the publication failed", () => {
  const refused = notPermitted("ttp.tagged");
  const unconfirmed = { status: "unconfirmed", message: "no answer within 5 s" } as const;
  for (const outcomes of [[CONFIRMED, refused, unconfirmed], [unconfirmed, refused]]) {
    const { message } = outcomes.find((outcome) => outcome !== CONFIRMED) as typeof refused;
    assert.throws(
      () => requireConfirmed(outcomes),
      (error: unknown) => error instanceof BusError && error.message === message,
    );
  }
});
