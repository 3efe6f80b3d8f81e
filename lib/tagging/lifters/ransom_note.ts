import type { LifterMatch } from "../../rules/format/document.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import { flagParameter, parameterFaults, textsParameter } from "../parameters.ts";
import { searchedField } from "../payload.ts";
import { findPaymentAddress } from "../payment_address.ts";
import { findWord } from "../words.ts";

/** Words of a demand for payment; a rule may bring its own. */
const PAYMENT_WORDS = [
  "ransom",
  "bitcoin",
  "btc",
  "monero",
  "xmr",
  "decrypt",
  "decryption key",
  "your files are encrypted",
  "recover your data",
  "recover your files",
  "recover your database",
  "payment",
  "pay",
  "wallet",
];

/** Demands for payment, left in a session or sent by mail. */
export const RANSOM_NOTE_LIFTER: Lifter = {
  name: "ransom_note",
  sourceKinds: ["session", "email"],
  predicates: { behavioral_ransom_note: ransomNote },
  check: (match) =>
    parameterFaults(match, {
      require_btc_or_xmr: { type: "flag" },
      payment_words: { type: "texts" },
    }),
};

function ransomNote(match: LifterMatch, seen: Observation): Finding | undefined {
  const { payload, sourceKind } = seen;
  const words = textsParameter(match, "payment_words", PAYMENT_WORDS);
  for (const field of ["note_text", "body_text"]) {
    const text = searchedField(payload, field);
    const word = text === "" ? undefined : findWord(text, words);
    if (word === undefined) continue;
    const address = findPaymentAddress(text);
    if (address === undefined && flagParameter(match, "require_btc_or_xmr", false)) continue;
    const signals = address === undefined ? ["payment_demand"] : ["payment_demand", address];
    return sourceKind === "email"
      ? { evidence: { matched_signals: signals, matched_body_kw: word } }
      : { evidence: { matched_signals: signals, matched_kw: word } };
  }
  return undefined;
}
