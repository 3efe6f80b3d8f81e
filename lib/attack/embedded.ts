import enterpriseText from "./data/enterprise-attack.json" with { type: "text" };
import icsText from "./data/ics-attack.json" with { type: "text" };
import { AttackBundleError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import { type Attack, Matrix } from "./matrix.ts";
import { EMBEDDED_PINS, type EmbeddedPin } from "./pins.ts";
import { matrixFacts } from "./stix.ts";

let loaded: Attack | undefined;

/**
 * The releases that the program carries, checked against their pinned hashes and indexed; loaded once.
 *
 * @throws {AttackBundleError} when the program's own data was changed
 */
export function loadEmbeddedAttack(): Attack {
  return loaded ??= {
    enterprise: load("enterprise", enterpriseText, EMBEDDED_PINS.enterprise),
    ics: load("ics", icsText, EMBEDDED_PINS.ics),
  };
}

function load(name: string, text: string, pin: EmbeddedPin): Matrix {
  const actual = sha256(text);
  if (actual !== pin.sha256) {
    throw new AttackBundleError(
      `the embedded ${name} bundle has SHA-256 ${actual}, pinned is ${pin.sha256}; this copy of the program is damaged, get a fresh one`,
    );
  }
  return new Matrix(matrixFacts(text, actual));
}
