import type { Command } from "commander";
import { releaseSpace, spaceOf } from "../../store/sqlite/space.ts";
import type { Context } from "../context.ts";
import { addDatabaseOption, type DatabaseOptions, openForWriting } from "../database.ts";
import { jsonLine } from "../../text/terminal.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { sizeText } from "../output/quantity.ts";

interface VacuumOptions extends DatabaseOptions {
  readonly json?: boolean;
}

/** Registers `vacuum`. */
export function registerVacuum(program: Command, context: Context): void {
  const command = program.command("vacuum")
    .helpGroup(COMMAND_GROUPS.data)
    .description("give the disk back what deleted rows have left; the worker may run meanwhile")
    .option("--json", "print one JSON object")
    .action((options: VacuumOptions) => vacuum(options, context));
  addDatabaseOption(command);
  addExamples(command, [
    ["decnet-ttp vacuum --db /var/lib/decnet/ttp.db", "after old tags were removed"],
  ]);
}

function vacuum(options: VacuumOptions, context: Context): void {
  const { terminal } = context;
  using store = openForWriting(options, context);
  const before = spaceOf(store);
  releaseSpace(store);
  store.checkpoint();
  const after = spaceOf(store);
  const given = Math.max(0, before.total - after.total);
  if (options.json === true) {
    return terminal.out(jsonLine({
      file: store.database.file,
      bytes_before: before.total,
      bytes_after: after.total,
      bytes_free: after.free,
    }));
  }
  terminal.out(`${sizeText(given)} given back; the database takes ${sizeText(after.total)}`);
}
