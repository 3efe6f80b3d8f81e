import { registerAttackers } from "./attackers.ts";
import { registerCompletions } from "./completions.ts";
import { registerAttack } from "./attack.ts";
import type { Registrar } from "./context.ts";
import { registerDeadLetters } from "./deadletters.ts";
import { registerDoctor } from "./doctor.ts";
import { registerEval } from "./eval.ts";
import { registerExplain } from "./explain.ts";
import { registerExport } from "./export.ts";
import { registerImport } from "./import.ts";
import { registerInstall } from "./install.ts";
import { registerNats } from "./nats.ts";
import { registerQuery } from "./query.ts";
import { registerReport } from "./report.ts";
import { registerRun } from "./run.ts";
import { registerTag } from "./tag.ts";
import { registerTail } from "./tail.ts";
import { registerRules } from "./rules.ts";
import { registerUninstall } from "./uninstall.ts";
import { registerVacuum } from "./vacuum.ts";
import { registerValidate } from "./validate.ts";
import { registerVersion } from "./version.ts";

/** Every command of the program, in the order of its help; a new one is one line here. */
export const COMMANDS: readonly Registrar[] = [
  registerRun,
  registerTag,
  registerImport,
  registerValidate,
  registerRules,
  registerExplain,
  registerEval,
  registerNats,
  registerDoctor,
  registerAttack,
  registerQuery,
  registerTail,
  registerReport,
  registerExport,
  registerAttackers,
  registerDeadLetters,
  registerVacuum,
  registerInstall,
  registerUninstall,
  registerCompletions,
  registerVersion,
];
