/** Alternatives, repetitions and lengths that samples try out; more would only be slower. */
const MAX_SAMPLES = 6;

/** Longest sample, in characters. */
const MAX_SAMPLE_CHARACTERS = 512;

/** Repetitions of what may stand any number of times. */
const MANY = 12;

/** One character of each class that has a name. */
const CLASSES: Readonly<Record<string, string>> = {
  d: "1",
  D: "a",
  w: "a",
  W: " ",
  s: " ",
  S: "a",
  n: "\n",
  t: "\t",
  r: "\r",
  f: "\f",
  v: "\v",
  b: "",
  B: "",
  A: "",
  z: "",
  Q: "",
  E: "",
};

/**
 * Texts that an RE2 pattern matches or nearly matches: each one a way through it,
 * with different alternatives and repetitions taken. They are what attack texts
 * are made of, so being near is enough.
 *
 * @param pattern one that the engine accepts
 */
export function patternSamples(pattern: string): readonly string[] {
  const samples = new Set<string>();
  for (let choice = 0; choice < MAX_SAMPLES; choice++) {
    const sample = new SampleWalk(pattern, choice).sample();
    samples.add(sample.slice(0, MAX_SAMPLE_CHARACTERS));
  }
  samples.delete("");
  return [...samples];
}

/** Walks a pattern once and takes, at each fork, the way that its number says. */
class SampleWalk {
  readonly #pattern: string;
  readonly #choice: number;
  #at = 0;
  #forks = 0;

  constructor(pattern: string, choice: number) {
    this.#pattern = pattern;
    this.#choice = choice;
  }

  sample(): string {
    return this.#alternatives();
  }

  #alternatives(): string {
    const branches: string[] = [""];
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ")") {
      if (this.#pattern[this.#at] === "|") {
        this.#at += 1;
        branches.push("");
      } else {
        branches.push((branches.pop() ?? "") + this.#repeated());
      }
    }
    this.#forks += 1;
    return branches[(this.#choice + this.#forks) % branches.length] ?? "";
  }

  #repeated(): string {
    const atom = this.#atom();
    const quantifier = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(
      this.#pattern.slice(this.#at, this.#at + 16),
    );
    if (quantifier === null) return atom;
    this.#at += quantifier[0].length;
    const [all, low, range, high] = quantifier;
    if (all.startsWith("?")) return this.#choice % 2 === 0 ? atom : "";
    const least = low === undefined ? (all.startsWith("+") ? 1 : 0) : Number(low);
    const most = low === undefined
      ? MANY
      : range === undefined
      ? least
      : Number(high === "" ? least + MANY : high);
    const count = this.#choice % 2 === 0 ? Math.min(most, least + MANY) : Math.max(least, 1);
    return atom.repeat(Math.min(count, MAX_SAMPLE_CHARACTERS));
  }

  #atom(): string {
    const character = this.#pattern[this.#at] ?? "";
    this.#at += 1;
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case ".":
        return "a";
      case "^":
      case "$":
        return "";
      case "\\":
        return this.#escape();
      default:
        return character;
    }
  }

  #group(): string {
    const head = /^\?(?:P?<[^>]*>|[a-zA-Z-]*:|[a-zA-Z-]+(?=\)))/.exec(
      this.#pattern.slice(this.#at, this.#at + 64),
    );
    this.#at += head?.[0].length ?? 0;
    const inner = this.#alternatives();
    this.#at += 1;
    return inner;
  }

  #escape(): string {
    const character = this.#pattern[this.#at] ?? "";
    this.#at += 1;
    if (character === "x") {
      const code = /^(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))/.exec(
        this.#pattern.slice(this.#at, this.#at + 10),
      );
      this.#at += code?.[0].length ?? 0;
      return String.fromCodePoint(Number.parseInt(code?.[1] ?? code?.[2] ?? "61", 16));
    }
    return CLASSES[character] ?? character;
  }

  /** A member of a class; of a negated one, something that is most likely not in it. */
  #class(): string {
    const negated = this.#pattern[this.#at] === "^";
    if (negated) this.#at += 1;
    const members: string[] = [];
    for (let first = true; this.#at < this.#pattern.length; first = false) {
      if (this.#pattern[this.#at] === "]" && !first) break;
      const named = /^\[:\^?\w+:\]/.exec(this.#pattern.slice(this.#at, this.#at + 16));
      this.#at += named?.[0].length ?? 0;
      members.push(named === null ? this.#member() : "a");
    }
    this.#at += 1;
    if (!negated) return members[this.#choice % members.length] ?? "";
    return ["a", "~", "0", " "].find((one) => !members.includes(one)) ?? "~";
  }

  #member(): string {
    const character = this.#pattern[this.#at] ?? "";
    this.#at += 1;
    return character === "\\" ? this.#escape() : character;
  }
}
