import { gzipSync } from "node:zlib";
import { programFlags } from "./bundle.ts";
import { type Runtime, sha256 } from "./runtimes.ts";
import { type Revision, VERSION } from "./source.ts";

/** The script is filled up to this length, so that it can say where the parts behind it begin. */
const HEADER_BYTES = 12 * 1024;

/** Digits of a hash in a directory's name; 128 bits are told apart for good. */
const ID_DIGITS = 32;

/** A part of a packed file, before and after gzip. */
export interface PackedPart {
  /** Length of what is unpacked. */
  readonly size: number;
  /** SHA-256 of what is unpacked. */
  readonly sha256: string;
  readonly gzip: Uint8Array;
}

/** Everything that a packed file is made of. */
export interface PackedFileParts {
  /** Text of `pack_header.sh`. */
  readonly script: string;
  readonly runtime: Runtime;
  readonly revision: Revision;
  readonly program: PackedPart;
  readonly executable: PackedPart;
}

/** The script cannot be put in front of the parts. */
export class PackError extends Error {
  override readonly name = "PackError";
}

/** Compresses a part as well as gzip can; the same bytes each time. */
export function packPart(bytes: Uint8Array): PackedPart {
  return { size: bytes.length, sha256: sha256(bytes), gzip: gzipSync(bytes, { level: 9 }) };
}

/**
 * Joins script, program and runtime to one executable file.
 *
 * @throws {PackError} when the script is too long or has a place that nothing fills
 */
export function packedFile(parts: PackedFileParts): Uint8Array {
  const { program, executable } = parts;
  const size = HEADER_BYTES + program.gzip.length + executable.gzip.length;
  const script = new TextEncoder().encode(filled(parts, size));
  if (script.length > HEADER_BYTES) {
    throw new PackError(`the script takes ${script.length} bytes, ${HEADER_BYTES} are reserved`);
  }
  const file = new Uint8Array(size).fill("\n".charCodeAt(0), 0, HEADER_BYTES);
  file.set(script);
  file.set(program.gzip, HEADER_BYTES);
  file.set(executable.gzip, HEADER_BYTES + program.gzip.length);
  return file;
}

function filled(parts: PackedFileParts, fileSize: number): string {
  const { script, runtime, revision, program, executable } = parts;
  const values: Readonly<Record<string, string | number>> = {
    VERSION,
    TARGET: runtime.target,
    MACHINE: runtime.target.slice(0, runtime.target.indexOf("-")),
    COMMIT: revision.commit === "" ? "unknown" : revision.commit,
    RUNTIME: runtime.version,
    GLIBC: runtime.glibc,
    FLAGS: runFlags().map(quoted).join(" "),
    FILE_SIZE: fileSize,
    PAYLOAD_SHA256: sha256(program.gzip, executable.gzip),
    PROGRAM_ID: program.sha256.slice(0, ID_DIGITS),
    PROGRAM_SIZE: program.size,
    // `tail -c +N` counts from 1.
    PROGRAM_AT: HEADER_BYTES + 1,
    PROGRAM_LENGTH: program.gzip.length,
    RUNTIME_ID: executable.sha256.slice(0, ID_DIGITS),
    RUNTIME_SIZE: executable.size,
    RUNTIME_AT: HEADER_BYTES + program.gzip.length + 1,
    RUNTIME_LENGTH: executable.gzip.length,
  };
  return script.replaceAll(/@([A-Z0-9_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new PackError(`the script asks for @${name}@, which is nothing`);
    return String(value);
  });
}

/** Nothing on the host, neither files nor the network, has a say in what is run. */
function runFlags(): readonly string[] {
  return [
    "--quiet",
    "--no-config",
    "--no-lock",
    "--no-remote",
    "--no-npm",
    "--cached-only",
    ...programFlags(),
  ];
}

/** A word that no shell touches. */
function quoted(word: string): string {
  if (word.includes("'")) throw new PackError(`${word} cannot stand in a script`);
  return /^[\w.,:/=-]+$/.test(word) ? word : `'${word}'`;
}
