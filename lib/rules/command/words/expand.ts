import type {
  DoubleQuotedChild,
  ParameterExpansionPart,
  ParsedScript,
  ProcessSubstitutionPart,
  Word,
  WordPart,
} from "unbash";
import { expandBraces } from "./braces.ts";
import { NUMERIC_ESCAPE } from "./escapes.ts";
import { COMMAND_LIMITS } from "../limits.ts";
import { changeCase, listOf, replace, slice, withoutAffix } from "./parameters.ts";
import type { Known, Scope } from "../scope.ts";

/** What expansion needs of its surroundings. */
export interface Expander {
  readonly scope: Scope;
  /**
   * Reads a script inside `$(…)`, back-ticks or `<(…)`.
   *
   * @returns its output, as far as that is known
   */
  substitute(script: ParsedScript, kind: "output" | "file"): Known | undefined;
}

/** Steps that a field costs besides its characters. */
const FIELD_STEPS = 8;

/** Only these make a word more than its own text. */
const EXPANDS = /[$`{]|[<>]\(/;

/** A backslash inside a word, before a character that needs none: `c\url`, but not `\;` or `\\n`. */
const NEEDLESS_ESCAPE = /[^\\](?:\\\\)*\\[A-Za-z0-9]/;

/** A quote with letters on both sides, or nothing in it: `w'g'et`, `w""get`. */
const QUOTE_INSIDE = /[A-Za-z0-9]["'][A-Za-z0-9]|[A-Za-z0-9](?:""|'')|^(?:""|'')[A-Za-z0-9]/;

/** Parameters that are empty where commands are typed, and that nobody puts inside a word. */
const EMPTY = /^[@*]$/;

/**
 * Expands one word as a shell would: into no, one or several fields. What
 * cannot be known stays as it was written (`$x`, `$(date)`).
 *
 * @param fields where the fields are added
 * @param isName the word names the program, where unknown variables count as empty
 */
export function expandWord(
  word: Word,
  expander: Expander,
  fields: string[],
  isName = false,
): void {
  const { text } = word;
  if (!EXPANDS.test(text)) {
    if (text !== word.value && isHidden(text, isName)) expander.scope.hidden = true;
    fields.push(word.value);
    return;
  }
  const parts = word.parts;
  if (parts === undefined) fields.push(word.value);
  else new WordBuilder(expander, isName, parts.length === 1).build(parts, fields);
}

/** The same without splitting, for values and targets. */
export function expandText(word: Word, expander: Expander): string {
  const fields: string[] = [];
  expandWord(word, expander, fields);
  return fields.length === 1 ? fields[0] ?? "" : fields.join(" ");
}

function isHidden(text: string, isName: boolean): boolean {
  if (text.includes("\\") && isEscaped(text)) return isName || !/["']/.test(text);
  return isName && QUOTE_INSIDE.test(text);
}

/** A line end that a script has sent as it spells it. */
const SPELLED_END = /(?:\\r)?\\n$|\\r$/;

/** A format such as `%p\\n` has escapes of its own, and a line end hides nothing. */
function isEscaped(text: string): boolean {
  return NEEDLESS_ESCAPE.test(text.replace(SPELLED_END, "")) && !text.includes("%");
}

/** Collects the fields of one word; several alternatives at a time after a brace. */
class WordBuilder {
  readonly #expander: Expander;
  readonly #isName: boolean;
  readonly #whole: boolean;
  /** More parts follow the one at hand. */
  #inside = false;
  #current: string[] = [""];
  #fields: string[] = [];

  constructor(expander: Expander, isName: boolean, whole: boolean) {
    this.#expander = expander;
    this.#isName = isName;
    this.#whole = whole;
  }

  build(parts: readonly WordPart[], fields: string[]): void {
    this.#fields = fields;
    for (const [index, part] of parts.entries()) {
      this.#inside = index < parts.length - 1;
      this.#add(part);
    }
    this.#close();
  }

  #add(part: WordPart): void {
    switch (part.type) {
      case "Literal":
        if (part.text !== part.value && isEscaped(part.text)) this.#hide();
        return this.#append(part.value);
      case "SingleQuoted":
        if (this.#isName && !this.#whole) this.#hide();
        return this.#append(part.value);
      case "AnsiCQuoted":
        // Few such escapes are how a script names control characters and quotes.
        if (NUMERIC_ESCAPE.test(part.text) && (this.#isName || part.value.length > 3)) this.#hide();
        return this.#append(part.value);
      case "DoubleQuoted":
      case "LocaleString":
        if (this.#isName && !this.#whole) this.#hide();
        for (const child of part.parts) this.#addQuoted(child);
        return;
      case "BraceExpansion":
        if (part.text.length > COMMAND_LIMITS.braceCharacters) {
          this.#expander.scope.truncated = true;
          return this.#append(part.text);
        }
        return this.#branch(expandBraces(part.text));
      case "Glob":
        return this.#append(part.value);
      case "ExtendedGlob":
      case "ArithmeticExpansion":
        return this.#append(part.text);
      case "ProcessSubstitution":
        return this.#addFile(part);
      default:
        return this.#addExpansion(part, false);
    }
  }

  /** `<(…)` is a file that holds what the script prints. */
  #addFile({ script, text }: ProcessSubstitutionPart): void {
    const output = script === undefined ? undefined : this.#expander.substitute(script, "file");
    if (output !== undefined) this.#expander.scope.setFile(text, output);
    this.#append(text);
  }

  #addQuoted(part: DoubleQuotedChild): void {
    if (part.type === "Literal") this.#append(part.value);
    else if (part.type === "ArithmeticExpansion") this.#append(part.text);
    else this.#addExpansion(part, true);
  }

  #addExpansion(
    part: Exclude<DoubleQuotedChild, { type: "Literal" | "ArithmeticExpansion" }>,
    quoted: boolean,
  ): void {
    if (part.type === "CommandExpansion") {
      const output = part.script === undefined
        ? undefined
        : this.#expander.substitute(part.script, "output");
      if (output === undefined) this.#append(part.text);
      else this.#value(output.text.replace(/\n+$/, ""), quoted);
      return;
    }
    const name = part.type === "SimpleExpansion" ? part.text.slice(1) : part.parameter;
    if (this.#addList(part, name, quoted)) return;
    if (this.#isName && name === this.#expander.scope.watched?.name) {
      this.#expander.scope.watched.namesProgram = true;
    }
    if (name === "IFS") {
      // Inside a word it stands for a blank; alone or quoted, a script prints or saves it.
      if (!quoted && !this.#whole) this.#hide();
      if (quoted) this.#append(" ");
      else this.#close();
      return;
    }
    const value = part.type === "SimpleExpansion"
      ? this.#expander.scope.variable(name)
      : parameterValue(part, this.#expander);
    if (value !== undefined) {
      if (this.#isName) this.#hide();
      return this.#value(value, quoted);
    }
    if (!this.#whole && (this.#isName || EMPTY.test(name) && this.#inside)) return this.#hide();
    this.#append(part.text);
  }

  /** Adds `$1`, `$@`, `${a[@]}` and `${a[0]}`; tells whether it was one of them and is known. */
  #addList(
    part: Exclude<DoubleQuotedChild, { type: "Literal" | "ArithmeticExpansion" }>,
    name: string,
    quoted: boolean,
  ): boolean {
    const { scope } = this.#expander;
    if (/^[@*1-9]$/.test(name)) scope.asksParameters = true;
    const list = listOf(part, name, scope);
    if (list === undefined) return false;
    if (this.#isName) this.#hide();
    if (quoted && list.joined) this.#append(list.values.join(scope.variable("IFS")?.[0] ?? ""));
    else {
      for (const [index, value] of list.values.entries()) {
        if (index > 0) this.#close();
        if (this.#fields.length > COMMAND_LIMITS.fieldsPerWord * 16) break;
        this.#value(value, quoted);
      }
    }
    return true;
  }

  #value(value: string, quoted: boolean): void {
    if (!this.#expander.scope.take(value.length)) return;
    if (quoted) return this.#append(value);
    const pieces = this.#expander.scope.split(value);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) this.#close();
      if (this.#fields.length > COMMAND_LIMITS.fieldsPerWord * 16) return;
      this.#append(piece);
    }
  }

  #append(text: string): void {
    if (text === "") return;
    if (!this.#expander.scope.take(text.length * this.#current.length)) return;
    for (const [index, before] of this.#current.entries()) this.#current[index] = before + text;
  }

  #branch(alternatives: readonly string[]): void {
    if (this.#isName && alternatives.length > 1) this.#hide();
    const next: string[] = [];
    for (const before of this.#current) {
      for (const alternative of alternatives) {
        if (next.length >= COMMAND_LIMITS.fieldsPerWord) break;
        if (!this.#expander.scope.take(before.length + alternative.length + FIELD_STEPS)) break;
        next.push(before + alternative);
      }
    }
    if (next.length > 0) this.#current = next;
  }

  #close(): void {
    if (!this.#expander.scope.take(this.#current.length * FIELD_STEPS)) return;
    for (const field of this.#current) if (field !== "") this.#fields.push(field);
    this.#current = [""];
  }

  #hide(): void {
    this.#expander.scope.hidden = true;
  }
}

/** Value of `${name…}`; nothing when it cannot be told. */
function parameterValue(part: ParameterExpansionPart, expander: Expander): string | undefined {
  const { scope } = expander;
  const { parameter, operation, prefix } = part;
  if (prefix === "#" || part.index !== undefined) return undefined;
  const own = scope.variable(parameter);
  const value = prefix === "!" && own !== undefined ? scope.variable(own) : own;
  if (operation !== undefined && !scope.take(value?.length ?? 0)) return undefined;
  if (operation === undefined) return value;
  switch (operation.type) {
    case "Default":
      if (operation.operator.endsWith("-") || operation.operator.endsWith("=")) {
        if (value !== undefined && value !== "") return value;
        const standIn = expandText(operation.operand, expander);
        if (operation.operator.endsWith("=")) scope.setVariable(parameter, standIn);
        return standIn;
      }
      return operation.operator.endsWith("?") ? value : undefined;
    case "Slice":
      return slice(
        scope.anyVariable(parameter),
        operation.offset.value,
        operation.length?.value,
        scope,
      );
    case "Remove":
      return value === undefined
        ? undefined
        : withoutAffix(value, operation.operator, operation.operand.value);
    case "CaseModification":
      if (value === undefined || operation.operand !== undefined) return value;
      return changeCase(value, operation.operator);
    case "Replace":
      if (value === undefined || /[*?[\\$`]/.test(operation.pattern.text)) return undefined;
      return replace(
        value,
        operation.pattern.value,
        operation.replacement.value,
        operation.operator,
      );
    default:
      return undefined;
  }
}
