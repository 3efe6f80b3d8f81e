import { type Command, Option } from "commander";
import { sha256 } from "../attack/hash.ts";
import { readEventLine } from "../import/event_line.ts";
import { INPUT_FORMATS, type InputFormat } from "../import/format.ts";
import type { Line } from "../import/lines.ts";
import { RuleSet } from "../rules/rule_set.ts";
import { Store } from "../store/store.ts";
import { CompositeTagger } from "../tagging/composite.ts";
import type { TaggerEvent } from "../tagging/event.ts";
import { LIFTERS } from "../tagging/registry.ts";
import type { Tag } from "../tagging/tag.ts";
import { taggerEvents } from "../worker/payload_events.ts";
import type { Context } from "./context.ts";
import { printDiagnostics } from "./diagnostics.ts";
import { EXIT, Exit } from "./exit.ts";
import { addExamples, COMMAND_GROUPS } from "./help.ts";
import { type Input, openInputs } from "./input.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "./rule_source.ts";
import { storedStates } from "./rule_states.ts";
import { TagPrinter } from "./tag_printer.ts";

interface TagOptions extends RuleOptions {
  readonly format?: InputFormat;
  readonly json?: boolean;
  readonly db?: string;
  readonly attacker?: string;
}

/** Lines that are stored together. */
const STORE_CHUNK = 500;

/** Registers `tag`. */
export function registerTag(program: Command, context: Context): void {
  const command = program.command("tag")
    .helpGroup(COMMAND_GROUPS.work)
    .description("label shell commands or bus events from files or standard input")
    .argument("[file...]", "files, or - for standard input, which is the default")
    .addOption(
      new Option("--format <format>", "what the input holds; told by its first line when not said")
        .choices(INPUT_FORMATS),
    )
    .option("--json", "print one JSON object for each line of input, also for those without tags")
    .option("--db <file>", "store the tags as well")
    .option("--attacker <uuid>", "whom lines of commands belong to; needed to store their tags")
    .action((files: string[], options: TagOptions) => tag(files, options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["echo 'find / -perm -u=s 2>/dev/null' | decnet-ttp tag -", "what does this command show?"],
    ["decnet-ttp tag --json history.txt | jq .tags[].technique_id", "for scripts"],
    ["decnet-ttp tag --format events captured.jsonl", "bus events, one JSON object a line"],
  ]);
}

async function tag(files: readonly string[], options: TagOptions, context: Context): Promise<void> {
  const { pack, attack } = await rulesInForce(options, context);
  const rules = RuleSet.compile(pack.rules, {
    allowBacktracking: options.allowBacktracking ?? false,
  });
  const states = storedStates(options.db, context);
  const tagger = new CompositeTagger({
    attack,
    rules: () => rules,
    lifters: LIFTERS,
    stateOf: (ruleId) => states.get(ruleId),
    now: Date.now,
  });
  const printer = new TagPrinter(context.terminal, attack, options.json ?? false);
  using keeper = options.db === undefined ? undefined : new Keeper(Store.open(options.db));
  for await (const input of openInputs(files, options.format, context)) {
    for await (const line of input.lines) {
      const item = readItem(input, line, options.attacker);
      if (item === undefined) continue;
      const tags = item.events.flatMap((event) => tagger.tag(event).tags);
      printer.print(item.input, tags, item.fault);
      keeper?.keep(tags);
    }
  }
  keeper?.flush();
  printDiagnostics(context.terminal, [...printer.summary(), ...keeper?.summary() ?? []]);
}

/** One line as what it is. */
interface Item {
  /** What the line says, as it is shown again. */
  readonly input: unknown;
  readonly events: readonly TaggerEvent[];
  /** Why nothing can be made of it. */
  readonly fault?: string;
}

/** @returns nothing for an empty line, which is no input */
function readItem(input: Input, line: Line, attacker: string | undefined): Item | undefined {
  if (line.tooLong) return { input: "", events: [], fault: "the line is too long" };
  if (line.text.trim() === "") return undefined;
  if (input.format === "cowrie") {
    throw new Exit(EXIT.usage, `${input.name}: Cowrie logs are read by \`import\``);
  }
  if (input.format === "lines") {
    return {
      input: line.text,
      events: [{
        sourceKind: "command",
        sourceId: lineSourceId(input.name, line),
        ...(attacker !== undefined && { attackerUuid: attacker }),
        payload: { command_text: line.text },
      }],
    };
  }
  const read = readEventLine(line.text);
  if ("fault" in read) return { input: line.text, events: [], fault: FAULTS[read.fault] };
  const { subject, type, payload } = read.event;
  return { input: JSON.parse(line.text), events: taggerEvents(subject, type, payload) };
}

/** Names a line by its place and its text: standard input has a first line every time, and it is another one. */
function lineSourceId(name: string, { number, text }: Line): string {
  return `${name}:${number}:${sha256(text).slice(0, 12)}`;
}

const FAULTS = {
  not_json: "it is not JSON",
  not_an_object: "it is no JSON object",
  no_subject: "it has no topic, so nobody knows what it is",
} as const;

/** Stores tags in chunks, and counts what it could not store. */
class Keeper implements Disposable {
  readonly #store: Store;
  #waiting: Tag[] = [];
  #stored = 0;
  #known = 0;
  #nobodys = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  keep(tags: readonly Tag[]): void {
    for (const tag of tags) {
      if (tag.attackerUuid === undefined && tag.identityUuid === undefined) this.#nobodys += 1;
      else this.#waiting.push(tag);
    }
    if (this.#waiting.length >= STORE_CHUNK) this.flush();
  }

  flush(): void {
    const inserted = this.#store.tags.insert(this.#waiting, new Date());
    this.#stored += inserted.length;
    this.#known += this.#waiting.length - inserted.length;
    this.#waiting = [];
  }

  summary(): readonly string[] {
    const lines = [`${this.#stored} tags stored, ${this.#known} were there already`];
    if (this.#nobodys > 0) {
      lines.push(
        `warning: ${this.#nobodys} tags were not stored: they belong to nobody; events need an ` +
          "attacker_uuid or identity_uuid, lines of commands need --attacker",
      );
    }
    return lines;
  }

  [Symbol.dispose](): void {
    this.#store.close();
  }
}
