import {
  COMMAND_FIELD,
  type CompiledRule,
  compileRule,
  evaluate,
  FieldNumbers,
  type Found,
  type Texts,
} from "../compile/compiled_rule.ts";
import type { CommandMatcher, PatternSource } from "../compile/conditions.ts";
import type { Payload } from "../format/document.ts";
import { type FieldReader, fieldReader } from "../format/field.ts";
import { inPartOnly, makeHit, NO_MATCHES, type Origin, type RuleMatch } from "./hit.ts";
import { normaliseCommand } from "../command/words/normalise.ts";
import { Prefilter, type PrefilterEntry } from "../compile/prefilter.ts";
import { RecentTexts } from "./recent_texts.ts";
import { textEnds } from "../compile/text_ends.ts";
import type { WorkMeter } from "../compile/work_meter.ts";
import type { Rule } from "../rule.ts";
import { isRequestTruncated } from "../request/request_reader.ts";
import type { SourceKind } from "../source_kind.ts";

/** Most text of one field that is matched, in characters. */
export const MATCHED_TEXT_CHARACTERS = 64 * 1024;

/**
 * Characters without one of which every word of a command stands in it as it is,
 * so that the words need not be worked out to look for literals.
 */
const MAY_HIDE = /["'\\$`{%]|(?:^|[\s;&|(])\/[^\s;&|]{0,64}[?*[]/;

/** Most texts hidden in one command that are matched too. */
const MAX_DECODED = 8;

/** Commands whose matches are remembered: bots type the same few lines on every host they reach. */
const REMEMBERED_COMMANDS = 2_048;

/** Longest command that is remembered, in characters: memory stays below some 20 MiB at worst. */
const REMEMBERED_CHARACTERS = 4_096;

const PLAIN: Origin = Object.freeze({});
const NORMALISED: Origin = Object.freeze({ normalised: true });
const DECODED: Origin = Object.freeze({ decoded: true });
const DECODED_NORMALISED: Origin = Object.freeze({ normalised: true, decoded: true });

/**
 * The pattern rules of one source kind, with what finds the candidates among
 * them. Holds the texts of the event at hand, so that nothing has to be allocated
 * for an event without a match: one event at a time.
 */
export class KindIndex implements Texts {
  readonly #rules: readonly CompiledRule[];
  readonly #fields: readonly { readonly name: string; readonly read: FieldReader }[];
  /** By field number. */
  readonly #prefilters: readonly Prefilter[];
  /** Rules that need no literal, with how long one of the texts must be for them. */
  readonly #always: readonly { readonly rule: number; readonly from: number }[];
  readonly #commands: CommandMatcher;
  readonly #work: WorkMeter;
  /** Number of the field with shell text; -1 when no rule looks at it. */
  readonly #commandField: number;
  /** By field number: the texts of the event at hand. */
  readonly #texts: (string | undefined)[];
  readonly #truncated: boolean[];
  /** Parts of requests are cut before they are decoded. */
  readonly #isRequest: boolean;
  /** The command at hand as it was typed or decoded, whatever variant of it is matched. */
  #command = "";
  /** What commands matched, where nothing but the command decides. */
  readonly #remembered = new Map<string, readonly RuleMatch[]>();
  readonly #recent = new RecentTexts();
  #resolved: string | undefined;
  #reading: unknown;
  /** By rule: the pass in which it became a candidate, or 0. */
  readonly #candidateIn: Int32Array;
  readonly #matched: Uint8Array;
  readonly #candidates: number[] = [];
  /** By trigger: its rule, and the pass in which its literals were there. */
  readonly #ruleOf: readonly number[];
  readonly #holdsIn: Int32Array;
  /** By rule: number of its first trigger. */
  readonly #firstTrigger: readonly number[];
  /** First trigger of the rule at hand. */
  #first = 0;
  #pass = 0;
  readonly #addCandidate = (trigger: number): void => {
    this.#holdsIn[trigger] = this.#pass;
    const rule = this.#ruleOf[trigger] ?? 0;
    if (this.#candidateIn[rule] === this.#pass) return;
    this.#candidateIn[rule] = this.#pass;
    this.#candidates.push(rule);
  };

  constructor(
    kind: SourceKind,
    rules: readonly Rule[],
    patternOf: (rule: Rule) => PatternSource,
    commands: CommandMatcher,
    work: WorkMeter,
  ) {
    this.#work = work;
    const fields = new FieldNumbers();
    this.#rules = rules.map((rule) =>
      compileRule(rule, { kind, fields, patterns: patternOf(rule), commands })
    ).filter((rule) => rule !== undefined);
    this.#fields = fields.names.map((name) => ({ name, read: fieldReader(name, kind) }));
    const entries: PrefilterEntry[][] = this.#fields.map(() => []);
    const ruleOf: number[] = [];
    this.#firstTrigger = this.#rules.map(({ triggers }, rule) => {
      const first = ruleOf.length;
      for (const { field, requires } of triggers) {
        entries[field]?.push({ entry: ruleOf.push(rule) - 1, requires });
      }
      return first;
    });
    this.#ruleOf = ruleOf;
    this.#holdsIn = new Int32Array(ruleOf.length);
    this.#prefilters = entries.map((ofField) => new Prefilter(ofField));
    this.#always = this.#rules.flatMap(({ alwaysFrom: from }, rule) =>
      from === undefined ? [] : [{ rule, from }]
    );
    this.#commands = commands;
    this.#commandField = kind === "command" ? fields.names.indexOf(COMMAND_FIELD) : -1;
    this.#isRequest = kind === "http_request";
    this.#texts = this.#fields.map(() => undefined);
    this.#truncated = this.#fields.map(() => false);
    this.#candidateIn = new Int32Array(this.#rules.length);
    this.#matched = new Uint8Array(this.#rules.length);
  }

  /** Rules that match, in id order; the same empty list whenever there are none. */
  match(payload: Payload): readonly RuleMatch[] {
    const text = this.#commandField === 0 && this.#fields.length === 1
      ? this.#fields[0]?.read(payload)
      : undefined;
    if (text === undefined || text.length > REMEMBERED_CHARACTERS) return this.#match(payload);
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    const matches = this.#match(payload);
    // A command that does not come again would only push others out.
    if (this.#work.truncated || !this.#recent.has(text)) return matches;
    // Dropping all at once is as good as dropping the oldest, and costs nothing a command.
    if (this.#remembered.size >= REMEMBERED_COMMANDS) this.#remembered.clear();
    this.#remembered.set(text, matches);
    return matches;
  }

  #match(payload: Payload): readonly RuleMatch[] {
    for (let field = 0; field < this.#texts.length; field++) {
      const text = this.#fields[field]?.read(payload);
      const long = text !== undefined && text.length > MATCHED_TEXT_CHARACTERS;
      const truncated = long || this.#isRequest && isRequestTruncated(payload);
      this.#truncated[field] = truncated;
      if (truncated) this.#work.truncated = true;
      this.#texts[field] = long ? text.slice(0, MATCHED_TEXT_CHARACTERS) : text;
    }
    const command = this.#texts[this.#commandField];
    const found = command === undefined
      ? this.#run(PLAIN, undefined)
      : this.#runCommand(command, undefined, false);
    this.#reading = undefined;
    if (found === undefined) return NO_MATCHES;
    if (found.length > 1) found.sort((a, b) => a.number - b.number);
    for (const { number } of found) this.#matched[number] = 0;
    const cut = this.#work.searchesEnds;
    return found.map(({ match }) => cut ? inPartOnly(match) : match);
  }

  /** Text of a field of the event at hand. */
  text(field: number): string | undefined {
    return this.#texts[field];
  }

  /** The command at hand. */
  get command(): string {
    return this.#command;
  }

  /** What a pattern may search of a text: all of it, until the event has cost too much. */
  searchable(text: string): string {
    if (this.#work.takeFieldSearch(text.length)) return text;
    const ends = textEnds(text);
    this.#work.add(ends.length);
    return ends;
  }

  /** Whether the literals of a trigger of the rule at hand are in the texts at hand. */
  holdsTrigger(trigger: number): boolean {
    return this.#holdsIn[this.#first + trigger] === this.#pass;
  }

  /** The simple commands of the command at hand, read when a rule first asks. */
  reading(): unknown {
    return this.#reading ??= this.#commands.read(this.#command);
  }

  /** Matches a command as it is, without its obfuscation, and then what it decodes and runs. */
  #runCommand(command: string, found: Numbered[] | undefined, decoded: boolean): typeof found {
    const commands = this.#commands;
    this.#command = command;
    this.#reading = undefined;
    this.#texts[this.#commandField] = command;
    const hides = MAY_HIDE.test(command);
    // Literals of command conditions may stand only in the words as the shell sees them.
    this.#resolved = hides ? commands.resolved(this.reading()) : undefined;
    found = this.#run(decoded ? DECODED : PLAIN, found);
    const seen = this.#work.searchesEnds ? textEnds(command) : command;
    const plain = hides ? normaliseCommand(seen) : seen;
    if (plain !== seen) {
      this.#texts[this.#commandField] = plain;
      // Conditions read the command as it was typed, with what hides in it.
      this.#resolved = `${this.#resolved ?? ""}\n${seen}`;
      found = this.#run(decoded ? DECODED_NORMALISED : NORMALISED, found, true);
    }
    this.#resolved = undefined;
    if (decoded) return found;
    const hidden = commands.decode(command);
    for (let index = 0; index < hidden.length && index < MAX_DECODED; index++) {
      const text = hidden[index] ?? "";
      found = this.#runCommand(text.slice(0, MATCHED_TEXT_CHARACTERS), found, true);
    }
    return found;
  }

  /**
   * Tries the candidates for the texts at hand that have not matched before.
   *
   * @param again only the command reads differently: what asks for its simple commands alone
   * has had its answer
   */
  #run(
    origin: Origin,
    found: Numbered[] | undefined,
    again = false,
  ): Numbered[] | undefined {
    this.#pass = this.#pass === 0x7fffffff ? 1 : this.#pass + 1;
    this.#candidates.length = 0;
    let longest = 0;
    for (let field = 0; field < this.#prefilters.length; field++) {
      const text = this.#texts[field];
      if (text === undefined) continue;
      // A command's literals may stand in part here, in part only where it is read as a shell does.
      const resolved = field === this.#commandField ? this.#resolved : undefined;
      this.#work.add(text.length + (resolved?.length ?? 0));
      longest = Math.max(longest, text.length, resolved?.length ?? 0);
      this.#prefilters[field]?.scan(text, this.#addCandidate, resolved);
    }
    for (const number of this.#candidates) found = this.#try(number, origin, found, again);
    for (const { rule, from } of this.#always) {
      if (longest >= from) found = this.#try(rule, origin, found, again);
    }
    return found;
  }

  #try(
    number: number,
    origin: Origin,
    found: Numbered[] | undefined,
    again: boolean,
  ): Numbered[] | undefined {
    const compiled = this.#rules[number];
    if (compiled === undefined || this.#matched[number] === 1) return found;
    if (again && compiled.commandOnly) return found;
    this.#first = this.#firstTrigger[number] ?? 0;
    const hit = evaluate(compiled, this);
    if (hit === undefined) return found;
    this.#matched[number] = 1;
    const { field, span } = hit;
    const name = this.#fields[field]?.name ?? "";
    const match = {
      rule: compiled.rule,
      hit: makeHit(name, hit.text, span, this.#origin(hit, origin)),
    };
    if (found === undefined) return [{ number, match }];
    found.push({ number, match });
    return found;
  }

  /** What there is to say about the text that a hit points into. */
  #origin({ field, span, raw }: Found, origin: Origin): Origin {
    const isCommand = field === this.#commandField;
    const normalised = isCommand && (raw ? span.normalised : origin.normalised);
    const decoded = isCommand && origin.decoded;
    const truncated = this.#truncated[field] || isCommand && this.#work.truncated;
    if (!normalised && !decoded && !truncated) return PLAIN;
    return {
      ...(normalised && { normalised }),
      ...(decoded && { decoded }),
      ...(truncated && { truncated }),
    };
  }
}

/** A match with the place of its rule in the set. */
interface Numbered {
  readonly number: number;
  readonly match: RuleMatch;
}
