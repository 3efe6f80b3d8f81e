import {
  type Command,
  type CommandNode,
  forEachChild,
  type ParsedScript,
  type PipelineNode,
  type Redirected,
  type Redirection,
  type Statement,
  type SyntaxNode,
} from "unbash";
import type { WorkMeter } from "../compile/work_meter.ts";
import { assignmentText } from "./words/assignment.ts";
import { readsLines } from "./effects/builtins.ts";
import { connect, type Draft, type Place, type Range } from "./draft.ts";
import { type Expander, expandText, expandWord } from "./words/expand.ts";
import { COMMAND_LIMITS } from "./limits.ts";
import { parseable, parsePieces } from "./parse.ts";
import { type PlainCommand, plainCommands } from "./plain.ts";
import { RepeatedBodies } from "./repeated.ts";
import { CommandRunner } from "./runner.ts";
import { joined, type Known, Scope } from "./scope.ts";

const NONE: readonly string[] = [];

/** Reads a text as the simple commands that a shell would run. */
export class CommandReader implements Expander {
  readonly scope: Scope;
  readonly #runner: CommandRunner;
  readonly #repeated: RepeatedBodies<Place>;
  /** What commands inside a loop or a group read, if known. */
  #stdin: Known | undefined;
  #place: Place = { base: 0, depth: 0 };
  /** Of the command at hand: its substitutions `<(…)`, and whether one decoded something. */
  #files = 0;
  #decoded = false;

  constructor(work: WorkMeter) {
    this.scope = new Scope(work);
    this.#runner = new CommandRunner(
      this.scope,
      (text, around) => this.#readText(text, { base: 0, around, depth: this.#place.depth + 1 }),
      (name, argv) => this.#repeated.call(name, argv, this.#place.depth + 1),
    );
    this.#repeated = new RepeatedBodies<Place>({
      expander: this,
      readList: ({ commands }) => void this.#readStatements(commands),
      readBody: (body, place) => void this.#within(place, () => this.#readNode(body, undefined)),
    });
  }

  /** The commands read so far. */
  get commands(): readonly Draft[] {
    return this.#runner.commands;
  }

  /** Texts that are decoded and run. */
  get decoded(): readonly string[] {
    return this.#runner.decoded;
  }

  /** Reads a whole text. */
  read(text: string): void {
    this.#readText(text, { base: 0, depth: 0 });
  }

  /** Reads the script of a substitution; see {@linkcode Expander}. */
  substitute(script: ParsedScript, kind: "output" | "file"): Known | undefined {
    const files = this.#files + (kind === "file" ? 1 : 0);
    const { base, around, depth } = this.#place;
    const place: Place = {
      base: script.source === undefined ? base : 0,
      depth: depth + 1,
      ...(around !== undefined && { around }),
      ...(around === undefined && script.source !== undefined &&
        { around: { from: base + script.pos, to: base + script.end } }),
    };
    const hidden = this.scope.hidden;
    const decoded = this.#decoded;
    const output = this.#readScript(script, place);
    this.scope.hidden = hidden;
    this.#files = files;
    this.#decoded = decoded || output !== undefined && output.decoded > 0;
    return output;
  }

  #readText(text: string, place: Place): void {
    const { characters, steps } = parseable(text, this.scope.stepsLeft);
    if (characters < text.length) this.scope.truncated = true;
    if (characters === 0 || !this.scope.take(steps)) return;
    const readable = text.slice(0, characters);
    const plain = plainCommands(readable);
    if (plain !== undefined) return void this.#within(place, () => this.#runPlain(plain));
    for (const { script, base } of parsePieces(readable, this.scope)) {
      this.#readScript(script, base === 0 ? place : { ...place, base: place.base + base });
    }
  }

  #runPlain(plain: readonly PlainCommand[]): void {
    const { base, around } = this.#place;
    let input: Known | undefined;
    let stages: Range[] = [];
    for (const [index, { words, writes, piped, start, end }] of plain.entries()) {
      if (this.#runner.full) break;
      if (!piped) input = undefined;
      const from = this.commands.length;
      this.scope.hidden = false;
      input = this.#runner.run(words, {
        start: around?.from ?? base + start,
        end: around?.to ?? base + end,
        input,
        assigns: NONE,
        writes,
        reads: [],
        wrappers: NONE,
        from,
        to: from,
        files: 0,
        decoded: false,
        namedByOutput: false,
      });
      const goesOn = plain[index + 1]?.piped === true;
      if (!piped && !goesOn) continue;
      stages.push({ from, to: this.commands.length });
      if (goesOn) continue;
      connect(this.commands, stages);
      stages = [];
    }
  }

  #readScript({ commands }: ParsedScript, place: Place): Known | undefined {
    return this.#within(place, () => this.#readStatements(commands));
  }

  #within<T>(place: Place, work: () => T): T | undefined {
    if (place.depth > COMMAND_LIMITS.depth) {
      this.scope.truncated = true;
      return undefined;
    }
    const before = this.#place;
    this.#place = place;
    const result = work();
    this.#place = before;
    return result;
  }

  /** @returns the output, when there is one statement and it is known */
  #readStatements(statements: readonly Statement[]): Known | undefined {
    let output: Known | undefined;
    for (const { command } of statements) {
      if (command.type !== "AndOr") {
        output = this.#readPipeline(command);
        continue;
      }
      const outputs = command.commands.map((one) => this.#readPipeline(one));
      output = command.operators[0] === "||" ? outputs[0] : outputs.at(-1);
    }
    return statements.length === 1 ? output : undefined;
  }

  #readPipeline(node: PipelineNode): Known | undefined {
    if (node.type !== "Pipeline") return this.#readNode(node, undefined);
    let known: Known | undefined;
    const stages: Range[] = [];
    for (const stage of node.commands) {
      const from = this.commands.length;
      known = this.#readNode(stage, known);
      stages.push({ from, to: this.commands.length });
    }
    if (stages.length > 1) connect(this.commands, stages);
    return known;
  }

  #readNode(node: CommandNode, input: Known | undefined): Known | undefined {
    if (node.type === "Command") return this.#readCommand(node, input);
    if (node.type === "Subshell" || node.type === "BraceGroup") {
      // What is known of a group's output is enough: `(crontab -l; echo …) | crontab -`.
      return joined(node.body.commands.map((statement) => this.#readStatements([statement])));
    }
    if (node.type === "Redirected") this.#readRedirected(node, input);
    else if (node.type === "Function") this.#repeated.define(node, this.#place);
    else this.#readCompound(node, input);
    return undefined;
  }

  #readRedirected(node: Redirected, input: Known | undefined): void {
    const from = this.commands.length;
    const writes: string[] = [];
    const reads: string[] = [];
    const here = this.#readRedirections(node.redirects, writes, reads);
    this.#readNode(node.command, here ?? input);
    for (const command of this.commands.slice(from)) {
      command.writes.push(...writes);
      command.reads.push(...reads);
    }
  }

  /** Commands inside may read what the whole reads. */
  #readCompound(node: SyntaxNode, input: Known | undefined): void {
    const before = this.#stdin;
    this.#stdin = input ?? before;
    if (node.type === "For") this.#repeated.loop(node);
    else this.#readChildren(node);
    this.#stdin = before;
  }

  /** Everything inside loops, branches, functions and tests that is run. */
  #readChildren(node: SyntaxNode): void {
    forEachChild(node, (child) => {
      switch (child.type) {
        case "Statement":
          this.#readStatements([child]);
          return;
        case "Command":
          this.#readCommand(child, undefined);
          return;
        case "Pipeline":
          this.#readPipeline(child);
          return;
        case "Word":
          expandWord(child, this, []);
          return;
        case "Redirect":
        case "HereString":
        case "HereDoc":
          return;
        case "Redirected":
          this.#readNode(child, undefined);
          return;
        default:
          this.#readChildren(child);
      }
    });
  }

  #readCommand(node: Command, input: Known | undefined): Known | undefined {
    if (this.#runner.full) return undefined;
    const { base, around } = this.#place;
    const from = this.commands.length;
    this.scope.hidden = false;
    this.#files = 0;
    this.#decoded = false;
    const assigns: string[] = [];
    for (const part of node.prefix) {
      if (part.type === "Assignment") assigns.push(assignmentText(part, this));
    }
    const words: string[] = [];
    if (node.name !== undefined) expandWord(node.name, this, words, true);
    else for (const text of assigns) this.#runner.remember(text);
    const namedByOutput = this.commands.length > from && /^(?:\$\(|`)/.test(words[0] ?? "");
    for (const part of node.suffix) {
      if (part.type === "Word") expandWord(part, this, words);
      else if (part.type === "Assignment") words.push(assignmentText(part, this));
    }
    const writes: string[] = [];
    const reads: string[] = [];
    const redirects = node.redirects;
    const here = redirects.length === 0
      ? undefined
      : this.#readRedirections(redirects, writes, reads);
    return this.#runner.run(words, {
      start: around?.from ?? base + node.pos,
      end: around?.to ?? base + node.end,
      input: here ?? input ?? (readsLines(words[0]) ? this.#stdin : undefined),
      assigns,
      writes,
      reads,
      wrappers: NONE,
      from,
      to: this.commands.length,
      files: this.#files,
      decoded: this.#decoded,
      namedByOutput,
    });
  }

  /** @returns what is read from a here-document or here-string */
  #readRedirections(
    redirections: readonly Redirection[],
    writes: string[],
    reads: string[],
  ): Known | undefined {
    let input: Known | undefined;
    for (const redirection of redirections) {
      if (redirection.type === "HereDoc") {
        if (redirection.body.parts !== undefined) this.#readChildren(redirection.body);
        input = { text: redirection.body.text, decoded: 0 };
      } else if (redirection.target !== undefined) {
        const target = expandText(redirection.target, this);
        if (redirection.type === "HereString") input = { text: `${target}\n`, decoded: 0 };
        else if (/^(?:<&|>&)$/.test(redirection.operator) && /^[\d-]+$/.test(target)) continue;
        else if (redirection.operator === "<" || redirection.operator === "<&") reads.push(target);
        else writes.push(target);
      }
    }
    return input;
  }
}
