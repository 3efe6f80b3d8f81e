import { AttackBundleError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import { Matrix } from "./matrix.ts";
import { KNOWN_BUNDLES } from "./pins.ts";
import { matrixFacts } from "./stix.ts";

/** MITRE's largest bundle has about 50 MB; what unpacks to more than this is no bundle of theirs. */
const MAX_BYTES = 512 * 1024 * 1024;

/** How a bundle from outside is trusted. */
export interface BundlePin {
  /** Expected SHA-256 in hex, of the file or of the JSON inside a compressed one. */
  readonly sha256?: string;
  /** Takes a bundle whose hash nobody has vouched for. */
  readonly unpinned?: boolean;
}

/**
 * Reads an official STIX 2.0 or 2.1 bundle, raw or gzip.
 *
 * @param bytes content of the file
 * @param pin hash that it must have; not needed for a bundle that the program knows
 * @throws {AttackBundleError} when its hash is wrong or nobody vouches for it, or when it is not a bundle of ATT&CK data
 */
export async function readBundle(bytes: Uint8Array, pin: BundlePin): Promise<Matrix> {
  const json = await bundleJson(bytes);
  const actual = sha256(json);
  const { sha256: expected, unpinned = false } = pin;
  if (expected !== undefined) {
    const wanted = expected.trim().toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(wanted)) {
      throw new AttackBundleError(`${JSON.stringify(expected)} is not a SHA-256: 64 hex digits`);
    }
    const ofFile = json === bytes ? actual : sha256(bytes);
    if (wanted !== actual && wanted !== ofFile) {
      throw new AttackBundleError(
        `its SHA-256 is ${ofFile}, expected was ${wanted}; it is damaged or another file`,
      );
    }
  } else if (!unpinned && !Object.hasOwn(KNOWN_BUNDLES, actual)) {
    throw new AttackBundleError(
      `nobody vouches for it: pass its SHA-256 (it is ${actual}), or say that it may be used unpinned`,
    );
  }
  return new Matrix(matrixFacts(new TextDecoder().decode(json), actual));
}

/**
 * The JSON of a bundle, unpacked when it is compressed.
 *
 * @throws {AttackBundleError} when it does not unpack, or to far too much
 */
export async function bundleJson(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Blob([bytes.slice()]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    throw new AttackBundleError("it does not unpack; was the download cut short?");
  }
  if (size > MAX_BYTES) {
    throw new AttackBundleError(`it unpacks to more than ${MAX_BYTES} bytes, which no bundle does`);
  }
  const json = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    json.set(chunk, offset);
    offset += chunk.length;
  }
  return json;
}
