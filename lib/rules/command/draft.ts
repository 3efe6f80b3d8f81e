import type { SimpleCommand } from "./simple_command.ts";

/** A simple command while its surroundings are still being read. */
export interface Draft extends SimpleCommand {
  /** What its program is, see `rolesOf()`. */
  readonly roles: number;
  readonly writes: string[];
  readonly reads: string[];
  readonly pipedInto: string[];
  readonly pipedFrom: string[];
  wrappers: readonly string[];
  runsFetched: boolean;
}

/** Most neighbours noted of one command in a pipeline. */
const MAX_NEIGHBOURS = 16;

/** A run of commands in the list of all of them. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where the script being read stands. */
export interface Place {
  /** Position of its first character in the text, when its own positions count. */
  readonly base: number;
  /** Range of the command around it, when its own positions do not count. */
  readonly around?: Range;
  readonly depth: number;
}

/** Notes which programs of a pipeline read whose output. */
export function connect(commands: readonly Draft[], stages: readonly Range[]): void {
  for (const [index, writer] of stages.entries()) {
    for (let next = index + 1; next < stages.length && next <= index + MAX_NEIGHBOURS; next++) {
      const reader = stages[next];
      if (reader !== undefined) connectStages(commands, writer, reader);
    }
  }
}

function connectStages(commands: readonly Draft[], writer: Range, reader: Range): void {
  const writers = commands.slice(writer.from, Math.min(writer.to, writer.from + MAX_NEIGHBOURS));
  const readers = commands.slice(reader.from, Math.min(reader.to, reader.from + MAX_NEIGHBOURS));
  for (const one of writers) for (const other of readers) link(one, other);
}

/** Notes that `reader` reads what `writer` prints. */
export function link(writer: Draft, reader: Draft): void {
  note(writer.pipedInto, reader.program);
  note(reader.pipedFrom, writer.program);
}

/**
 * Notes that a program gets the output of a run of commands.
 *
 * @param reader the program; it need not be that of `by`, for `eval` reads as `sh` does
 * @param by the command that hands it over
 */
export function feed(commands: readonly Draft[], range: Range, reader: string, by: Draft): void {
  for (const command of commands.slice(range.from, range.to)) {
    note(command.pipedInto, reader);
    note(by.pipedFrom, command.program);
  }
}

function note(programs: string[], program: string): void {
  if (program !== "" && programs.length < MAX_NEIGHBOURS && !programs.includes(program)) {
    programs.push(program);
  }
}
