import type { Attack } from "../../../attack/matrix.ts";
import type { Tag } from "../../../tagging/tag.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { cutToWidth } from "../../output/table.ts";
import { tagJson, techniqueOf } from "./json.ts";
import type { TagItem } from "./items.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Longest line that is shown of an input or of evidence where no terminal limits it. */
const MAX_SHOWN = 400;

/** Prints what each line of input was labelled with, for people or for scripts. */
export class TagPrinter {
  readonly #terminal: Terminal;
  readonly #attack: Attack;
  readonly #json: boolean;
  #inputs = 0;
  #tagged = 0;
  #tags = 0;
  #faults = 0;

  /**
   * @param attack names the techniques
   * @param json one JSON object a line of input instead of text
   */
  constructor(terminal: Terminal, attack: Attack, json: boolean) {
    this.#terminal = terminal;
    this.#attack = attack;
    this.#json = json;
  }

  /** Prints one item with its tags; as JSON by its label alone where it is nested too deep to be written. */
  print({ input, label, fault }: TagItem, tags: readonly Tag[]): void {
    const blank = input === "";
    if (!blank) this.#inputs += 1;
    this.#tags += tags.length;
    if (tags.length > 0) this.#tagged += 1;
    if (fault !== undefined) this.#faults += 1;
    if (this.#json) {
      const shown = tags.map((tag) => tagJson(this.#attack, tag));
      const more = { tags: shown, ...(fault !== undefined && { fault }) };
      this.#terminal.out(writable({ input, ...more }) ?? jsonLine({ input: label, ...more }));
      return;
    }
    // Scripts count lines; people do not need the empty ones.
    if (blank && fault === undefined) return;
    const terminal = this.#terminal;
    terminal.out(terminal.paint("bold", this.#fit(printable(label, MAX_SHOWN))));
    if (fault !== undefined) terminal.out(`  ${terminal.paint("red", fault)}`);
    else if (tags.length === 0) terminal.out(`  ${terminal.paint("dim", "no technique")}`);
    for (const tag of tags) terminal.out(`  ${this.#tagLine(tag)}`);
  }

  /** What was done, in a line or two for standard error. */
  summary(): readonly string[] {
    const inputs = `${this.#inputs} ${this.#inputs === 1 ? "item" : "items"}`;
    const lines = [`${inputs}, ${this.#tagged} of them tagged, ${this.#tags} tags`];
    if (this.#faults > 0) {
      lines.push(`warning: ${this.#faults} of them could not be read and got no tags`);
    }
    return lines;
  }

  #tagLine(tag: Tag): string {
    const id = (tag.subTechniqueId ?? tag.techniqueId).padEnd(9);
    const name = techniqueOf(this.#attack, tag)?.name ?? "";
    const { matched } = tag.evidence;
    const evidence = typeof matched === "string" ? printable(matched, MAX_SHOWN) : "";
    const plain = `${id} ${tag.confidence.toFixed(2)}  ${tag.ruleId}  ${name}`;
    const room = this.#terminal.width - plain.length - 4;
    const painted = `${this.#terminal.paint("cyan", id)} ${tag.confidence.toFixed(2)}  ` +
      `${tag.ruleId}  ${name}`;
    if (evidence === "" || room < 8) return painted;
    return `${painted}  ${this.#terminal.paint("dim", cutToWidth(evidence, room))}`;
  }

  #fit(text: string): string {
    return cutToWidth(text, this.#terminal.width);
  }
}

/** A line of JSON; nothing where the input is nested deeper than it can be written, though it could be read. */
function writable(value: unknown): string | undefined {
  try {
    return jsonLine(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
