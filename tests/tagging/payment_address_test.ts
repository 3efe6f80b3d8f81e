import assert from "assert";
import { findPaymentAddress } from "../../lib/tagging/payment_address.ts";

const MONERO = `4${"8".repeat(94)}`;

const CASES: readonly [text: string, found: string | undefined][] = [
  ["to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT.", "bitcoin_address"],
  ["3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "bitcoin_address"],
  ["(bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq)", "bitcoin_address"],
  [`xmr: ${MONERO}`, "monero_address"],
  [`${MONERO}8`, undefined],
  [`1${"a".repeat(24)}`, undefined],
  [`1${"a".repeat(25)}`, "bitcoin_address"],
  [`1${"a".repeat(34)}`, "bitcoin_address"],
  [`1${"a".repeat(35)}`, undefined],
  [`x1${"a".repeat(30)}`, undefined],
  ["10000000000000000000000000000", undefined],
  ["bc1 qar0srrr7xfkvy5l", undefined],
];

for (const [text, found] of CASES) {
  Deno.test(`${JSON.stringify(text.slice(0, 48))} holds ${found ?? "no address"}`, () => {
    assert.equal(findPaymentAddress(text), found);
  });
}
