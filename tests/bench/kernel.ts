import { hash } from "node:crypto";

const BLOCK = new Uint8Array(1024 * 1024).fill(0x61);
const DOCUMENT = JSON.stringify(
  Array.from({ length: 500 }, (_, index) => ({ id: `item-${index}`, text: "abc def", at: index })),
);
const WORDS = "wget curl busybox chmod nohup crontab ".repeat(400);
const PATTERN = /\b(?:curl|chmod|crontab)\b/g;

/**
 * Fixed work that has nothing to do with this program: a hash, JSON and a regular
 * expression. What else takes is divided by its time, so that figures of
 * different machines can be compared.
 *
 * @returns something that depends on all of it
 */
export function kernel(): number {
  const digest = hash("sha256", BLOCK, "hex");
  const items = JSON.parse(DOCUMENT) as readonly unknown[];
  return digest.length + items.length + (WORDS.match(PATTERN)?.length ?? 0);
}

/** The shortest of so many runs of the kernel, in milliseconds: what the machine can do. */
export function kernelMs(runs: number = 200): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const from = performance.now();
    kernel();
    best = Math.min(best, performance.now() - from);
  }
  return best;
}
