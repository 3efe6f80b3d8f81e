import { type LineFault, readCowrieLog, readEventLines } from "../../../sources/bus_events.ts";
import { type Line, placeAfter } from "../../../sources/lines.ts";
import type { Resume } from "../../../sources/resume.ts";
import type { PastEvent } from "../../../worker/pipeline/replay.ts";
import { EXIT, Exit } from "../../exit.ts";
import type { ImportFile } from "./file.ts";
import { lineSourceId } from "../tag/items.ts";

/** What an import takes from one line. */
export interface ImportStep {
  readonly line: Line;
  readonly events: readonly PastEvent[];
  readonly fault?: LineFault;
  /** Where to begin when the import goes on later. */
  readonly resumeAt: () => Resume;
}

/**
 * The events of a file, in its order.
 *
 * @param attacker whom lines of commands belong to
 * @throws {Exit} with code 2, while reading, when there are such lines and nobody is named
 */
export function importSteps(
  file: ImportFile,
  attacker: string | undefined,
): AsyncIterable<ImportStep> {
  switch (file.format) {
    case "events":
      return readEventLines(file.lines);
    case "cowrie":
      return readCowrieLog(file.lines, file.from);
    case "lines":
      return commandSteps(file, attacker);
  }
}

/** Each line as a session of one command, with the ids that `tag` gives. */
async function* commandSteps(
  file: ImportFile,
  attacker: string | undefined,
): AsyncGenerator<ImportStep> {
  for await (const line of file.lines) {
    if (attacker === undefined) {
      throw new Exit(
        EXIT.usage,
        `${file.path} holds lines of commands: --attacker UUID says whose they are, or --format what else it holds`,
      );
    }
    const resumeAt = (): Resume => placeAfter(line);
    if (line.tooLong || line.text.trim() === "") {
      yield { line, events: [], resumeAt, ...(line.tooLong && { fault: "too_long" }) };
      continue;
    }
    const id = lineSourceId(file.path, line);
    const payload = {
      source_id: `${id}#session`,
      attacker_uuid: attacker,
      commands: [{ id, command_text: line.text }],
    };
    yield { line, events: [{ subject: "attacker.session.ended", payload }], resumeAt };
  }
}
