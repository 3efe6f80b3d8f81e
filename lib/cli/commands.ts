import type { Registrar } from "./context.ts";

/**
 * Every command of the program by its name, in the order of its help; a new one is
 * one line here. Each is read when it is asked for: a worker starts without the
 * code of a report.
 */
export const COMMANDS: ReadonlyMap<string, () => Promise<Registrar>> = new Map([
  ["run", async () => (await import("./run.ts")).registerRun],
  ["tag", async () => (await import("./tag.ts")).registerTag],
  ["import", async () => (await import("./import.ts")).registerImport],
  ["validate", async () => (await import("./validate.ts")).registerValidate],
  ["rules", async () => (await import("./rules.ts")).registerRules],
  ["explain", async () => (await import("./explain.ts")).registerExplain],
  ["eval", async () => (await import("./eval.ts")).registerEval],
  ["nats", async () => (await import("./nats.ts")).registerNats],
  ["doctor", async () => (await import("./doctor.ts")).registerDoctor],
  ["attack", async () => (await import("./attack.ts")).registerAttack],
  ["query", async () => (await import("./query.ts")).registerQuery],
  ["tail", async () => (await import("./tail.ts")).registerTail],
  ["report", async () => (await import("./report.ts")).registerReport],
  ["export", async () => (await import("./export.ts")).registerExport],
  ["attackers", async () => (await import("./attackers.ts")).registerAttackers],
  ["deadletters", async () => (await import("./deadletters.ts")).registerDeadLetters],
  ["vacuum", async () => (await import("./vacuum.ts")).registerVacuum],
  ["install", async () => (await import("./install.ts")).registerInstall],
  ["uninstall", async () => (await import("./uninstall.ts")).registerUninstall],
  ["completions", async () => (await import("./completions.ts")).registerCompletions],
  ["version", async () => (await import("./version.ts")).registerVersion],
]);
