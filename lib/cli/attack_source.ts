import type { Command } from "commander";
import { readBundle } from "../attack/bundle.ts";
import { loadEmbeddedAttack } from "../attack/embedded.ts";
import { AttackBundleError } from "../attack/errors.ts";
import type { Attack, Matrix } from "../attack/matrix.ts";
import type { Context } from "./context.ts";

/** Options of every command that works with ATT&CK. */
export interface AttackOptions {
  /** STIX bundle in the place of the embedded one of its domain. */
  readonly attackBundle?: string;
  readonly attackSha256?: string;
  readonly attackUnpinned?: boolean;
}

/** Adds the options of `AttackOptions` to a command. */
export function addAttackOptions(command: Command): Command {
  return command
    .option("--attack-bundle <file>", "use this ATT&CK release (env: DECNET_ATTACK_BUNDLE)")
    .option("--attack-sha256 <hex>", "hash that the bundle must have")
    .option("--attack-unpinned", "use a bundle that nobody vouches for");
}

/**
 * ATT&CK as the options say: the embedded releases, one of them replaced by a
 * bundle from outside.
 *
 * @throws {AttackBundleError} when the bundle cannot be read or must not be trusted
 */
export async function attackInForce(options: AttackOptions, context: Context): Promise<Attack> {
  const path = options.attackBundle || context.env("DECNET_ATTACK_BUNDLE");
  if (path === undefined || path === "") return loadEmbeddedAttack();
  const matrix = await matrixFromFile(path, options);
  if (matrix.domain === "enterprise-attack") return { ...loadEmbeddedAttack(), enterprise: matrix };
  if (matrix.domain === "ics-attack") return { ...loadEmbeddedAttack(), ics: matrix };
  throw new AttackBundleError(
    `${path} holds ${matrix.domain}; a bundle of enterprise-attack or ics-attack is needed`,
  );
}

async function matrixFromFile(path: string, options: AttackOptions): Promise<Matrix> {
  const { attackSha256: sha256, attackUnpinned: unpinned = false } = options;
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "it does not exist" : String(error);
    throw new AttackBundleError(`cannot read the ATT&CK bundle ${path}: ${reason}`);
  }
  try {
    return await readBundle(bytes, { ...(sha256 !== undefined && { sha256 }), unpinned });
  } catch (error) {
    if (!(error instanceof AttackBundleError)) throw error;
    throw new AttackBundleError(`the ATT&CK bundle ${path} cannot be used: ${error.message}`);
  }
}
