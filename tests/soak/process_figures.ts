/** Pages of the kernel, in bytes. */
const PAGE_BYTES = 4096;

/** Ticks a second in which the kernel counts processor time. */
const TICKS = 100;

/** Resident memory of a process now, in MiB; Linux only. */
export function residentMiB(pid: number): number {
  const [, resident = 0] = Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ").map(Number);
  return resident * PAGE_BYTES / 1024 ** 2;
}

/** Processor time that a process has used, of user and system, in seconds; Linux only. */
export function processorSeconds(pid: number): number {
  // The name in brackets may hold anything, spaces too.
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
