import type { Command } from "commander";
import { defaultField } from "../../../rules/format/field.ts";
import { knownFields } from "../../../rules/format/known_fields.ts";
import { REQUEST_FIELDS } from "../../../rules/request/request_reader.ts";
import { isSourceKind, KNOWN_SOURCE_KINDS, type SourceKind } from "../../../rules/source_kind.ts";
import { jsonLine } from "../../../text/terminal.ts";
import type { Context } from "../../context.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples } from "../../help.ts";
import { tableLines } from "../../output/table.ts";

interface FieldsOptions {
  readonly json?: boolean;
}

/** Registers `rules fields`. */
export function registerRulesFields(group: Command, context: Context): void {
  const command = group.command("fields")
    .description("the fields that events are known to have, for the conditions of rules")
    .argument("[kind]", "only this kind of event, e.g. http_request")
    .option("--json", "print one JSON object a field")
    .action((kind: string | undefined, options: FieldsOptions) => fields(kind, options, context));
  addExamples(command, [
    ["decnet-ttp rules fields http_request", "what can a rule for requests look at?"],
    ["decnet-ttp rules fields --json", "everything, for a script"],
  ]);
}

function fields(kind: string | undefined, options: FieldsOptions, { terminal }: Context): void {
  if (kind !== undefined && !isSourceKind(kind)) {
    throw new Exit(EXIT.usage, `${kind} is no kind of event: ${KNOWN_SOURCE_KINDS.join(", ")}`);
  }
  const rows = (kind === undefined ? KNOWN_SOURCE_KINDS : [kind]).flatMap((one) =>
    knownFields(one).map((field) => ({ kind: one, field, note: noteOf(one, field) }))
  );
  if (options.json === true) {
    for (const { kind, field, note } of rows) terminal.out(jsonLine({ kind, field, note }));
    return;
  }
  const columns = [{ title: "KIND" }, { title: "FIELD" }, { title: "NOTE", min: 12 }];
  const cells = rows.map(({ kind, field, note }) => [kind, field, note ?? ""]);
  for (const line of tableLines(terminal, columns, cells)) terminal.out(line);
}

/** What there is to say of a field besides its name. */
function noteOf(kind: SourceKind, field: string): string | null {
  const isDefault = field === defaultField(kind) ? "default of conditions without a field" : "";
  const derived = kind === "http_request" ? REQUEST_FIELDS[field] ?? "" : "";
  return [isDefault, derived].filter((note) => note !== "").join("; ") || null;
}
