/** Which currency an address in a text belongs to. */
export type PaymentAddress = "bitcoin_address" | "monero_address";

/**
 * Base58 addresses of Bitcoin (26 to 35 characters, first `1` or `3`) and its
 * bech32 ones (BIP 173: 14 to 74 characters after `bc1`, without `1bio`).
 */
const BITCOIN_REGEXP =
  /(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{11,71})(?![A-Za-z0-9])/;

/** Base58 addresses of Monero: `4` and 94 characters. */
const MONERO_REGEXP = /(?<![A-Za-z0-9])4[1-9A-HJ-NP-Za-km-z]{94}(?![A-Za-z0-9])/;

/** Finds out whether a text says where to pay, without telling the address itself. */
export function findPaymentAddress(text: string): PaymentAddress | undefined {
  if (MONERO_REGEXP.test(text)) return "monero_address";
  return BITCOIN_REGEXP.test(text) ? "bitcoin_address" : undefined;
}
