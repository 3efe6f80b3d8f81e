import type { Registrar } from "../context.ts";

/**
 * Every command of the program by its name, in the order of its help; a new one is
 * one line here. Each is read when it is asked for: a worker starts without the
 * code of a report.
 */
export const COMMANDS: ReadonlyMap<string, () => Promise<Registrar>> = new Map([
  ["run", async () => (await import("./run/run.ts")).registerRun],
  ["tag", async () => (await import("./tag/tag.ts")).registerTag],
  ["import", async () => (await import("./import/import.ts")).registerImport],
  ["validate", async () => (await import("./validate.ts")).registerValidate],
  ["rules", async () => (await import("./rules/rules.ts")).registerRules],
  ["explain", async () => (await import("./explain/explain.ts")).registerExplain],
  ["eval", async () => (await import("./eval/eval.ts")).registerEval],
  ["nats", async () => (await import("./nats.ts")).registerNats],
  ["doctor", async () => (await import("./doctor/doctor.ts")).registerDoctor],
  ["attack", async () => (await import("./attack.ts")).registerAttack],
  ["query", async () => (await import("./query/query.ts")).registerQuery],
  ["tail", async () => (await import("./tail.ts")).registerTail],
  ["report", async () => (await import("./report.ts")).registerReport],
  ["export", async () => (await import("./export/export.ts")).registerExport],
  ["attackers", async () => (await import("./attackers/attackers.ts")).registerAttackers],
  ["deadletters", async () => (await import("./deadletters.ts")).registerDeadLetters],
  ["vacuum", async () => (await import("./vacuum.ts")).registerVacuum],
  ["install", async () => (await import("./install/install.ts")).registerInstall],
  ["uninstall", async () => (await import("./install/uninstall.ts")).registerUninstall],
  ["completions", async () => (await import("./completions.ts")).registerCompletions],
  ["version", async () => (await import("./version.ts")).registerVersion],
]);
