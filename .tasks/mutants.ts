/**
 * `deno task test:mutants`: puts single defects into the source, one at a time,
 * and says which of them no test notices.
 */
import { processTerminal } from "../lib/cli/output/terminal.ts";
import { type Mutant, readMutants } from "../tests/mutants/mutant.ts";
import { Sandbox, type Verdict } from "../tests/mutants/sandbox.ts";

const USAGE = `Tries the defects of tests/mutants/*.yaml, each alone, in copies of the project.
  --room NAME   only those of lib/NAME; may be repeated
  --only TEXT   only those whose file or sentence has TEXT in it
  --jobs COUNT  copies that are tried at once; 2 by default`;

/** Share of the defects that tests must notice, in all rooms and in those where a label can be lost. */
const MIN_SHARE = 0.9;
const MIN_SHARE_OF_ROOM: Readonly<Record<string, number>> = {
  worker: 0.95,
  bus: 0.95,
  store: 0.95,
};

const terminal = processTerminal((name) => Deno.env.get(name));

const { rooms, only, jobs } = options(Deno.args);
const chosen = readMutants().filter(({ room, file, defect }) =>
  (rooms.length === 0 || rooms.includes(room)) && (file.includes(only) || defect.includes(only))
);
if (chosen.length === 0) fail("no defect fits");
const waiting = chosen.filter(({ equivalent }) => equivalent === undefined);
const baselines = new Map<string, Promise<boolean>>();
const verdicts = new Map<Mutant, Verdict>();
await Promise.all(Array.from({ length: jobs }, tryWaiting));
summary();

async function tryWaiting(): Promise<void> {
  await using sandbox = await Sandbox.create();
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const verdict = await sandbox.try(mutant);
    // Tests that fail without the defect prove nothing.
    if (verdict.by !== undefined && !(await passes(verdict.by, sandbox))) {
      fail(`${verdict.by} fails without any defect`);
    }
    verdicts.set(mutant, verdict);
    const { file, defect } = mutant;
    const word = verdict.noticed ? `noticed by ${verdict.by}` : "SURVIVED";
    terminal.err(`${verdicts.size}/${chosen.length} ${file}: ${defect}: ${word}`);
  }
}

/** Whether tests pass on the code as it is; each is asked once. */
async function passes(test: string, sandbox: Sandbox): Promise<boolean> {
  const known = baselines.get(test) ?? sandbox.baseline([test]).then(({ noticed }) => !noticed);
  baselines.set(test, known);
  return await known;
}

function summary(): void {
  let isEnough = true;
  terminal.out("room       defects  noticed  share");
  for (const [room, mutants] of Map.groupBy(verdicts.keys(), ({ room }) => room)) {
    const noticed = mutants.filter((mutant) => verdicts.get(mutant)!.noticed).length;
    isEnough &&= noticed / mutants.length >= (MIN_SHARE_OF_ROOM[room] ?? 0);
    row(room, mutants.length, noticed);
  }
  const noticed = [...verdicts.values()].filter((verdict) => verdict.noticed).length;
  isEnough &&= noticed / verdicts.size >= MIN_SHARE;
  row("all", verdicts.size, noticed);
  for (const { file, defect } of [...verdicts].filter(([, v]) => !v.noticed).map(([m]) => m)) {
    terminal.out(`survived: ${file}: ${defect}`);
  }
  for (const { file, defect, equivalent } of chosen) {
    if (equivalent !== undefined) terminal.out(`same: ${file}: ${defect}: ${equivalent}`);
  }
  terminal.flush();
  Deno.exit(isEnough ? 0 : 1);
}

function row(room: string, count: number, noticed: number): void {
  const cells = [room.padEnd(10), String(count).padStart(7), String(noticed).padStart(8)];
  terminal.out(`${cells.join(" ")}  ${(noticed / count).toFixed(2)}`);
}

function options(args: readonly string[]) {
  const rooms: string[] = [];
  let only = "";
  let jobs = 2;
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1];
    if (value === undefined) fail(USAGE);
    if (args[at] === "--room") rooms.push(value);
    else if (args[at] === "--only") only = value;
    else if (args[at] === "--jobs" && /^[1-9]\d?$/.test(value)) jobs = Number(value);
    else fail(USAGE);
  }
  return { rooms, only, jobs };
}

function fail(message: string): never {
  terminal.err(message);
  terminal.flush();
  Deno.exit(2);
}
