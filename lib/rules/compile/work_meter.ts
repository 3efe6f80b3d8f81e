/**
 * Steps of one event that may go into reading its commands: characters parsed, a
 * weight for each character of syntax, commands run, characters that expansions
 * produce. The costliest line on record takes a third of it.
 */
export const READING_STEPS = 96 * 1024;

/**
 * Characters of one event that patterns of command conditions may search, a fixed
 * share for each search included.
 */
export const SEARCH_STEPS = 1024 * 1024;

/**
 * Characters of one event that patterns on whole fields may search before only the ends
 * of its long texts are searched. Real events take up to 100,000; to take all of it, a
 * text must be long and made for it, of the literals of many rules.
 */
export const FIELD_SEARCH_STEPS = 640 * 1024;

/** What every search costs, however short the text, in steps. */
const EACH_SEARCH = 16;

/** What one event took. */
export interface MatchWork {
  /** Steps, as a measure of time that does not depend on the machine: about 5 to 60 ns each. */
  readonly steps: number;
  /** Not all of the event was looked at as closely as rules ask for. */
  readonly truncated: boolean;
}

/**
 * Counts the work that one event causes, in steps and never in time, so that a
 * replay stops where the first run stopped and gives the same tags.
 */
export class WorkMeter implements MatchWork {
  /** Steps since `begin()`, those of bounded and of unbounded work. */
  steps = 0;
  /** A bound was reached, or a text was longer than what is matched: not all was looked at. */
  truncated = false;
  #reading = 0;
  #search = 0;
  #fieldSearch = 0;
  #events = 0;

  /** Begins an event. */
  begin(): void {
    this.steps = 0;
    this.truncated = false;
    this.#fieldSearch = 0;
    this.#reading = 0;
    this.#search = 0;
    this.#events += 1;
  }

  /** Number of the event at hand: what was kept of another one was read with other steps left. */
  get events(): number {
    return this.#events;
  }

  /** Counts work that is bounded by the length of the texts. */
  add(steps: number): void {
    this.steps += steps;
  }

  /** Steps that are left for reading commands. */
  get readingLeft(): number {
    return READING_STEPS - this.#reading;
  }

  /** Takes steps for reading commands; false when there are not as many. */
  takeReading(steps: number): boolean {
    if (this.#reading + steps > READING_STEPS) {
      // What is smaller may not go on behind what was left out.
      this.#reading = READING_STEPS;
      this.truncated = true;
      return false;
    }
    this.steps += steps;
    this.#reading += steps;
    return true;
  }

  /** Takes steps for one search of a pattern through a part of a command; false when they are used up. */
  takeSearch(characters: number): boolean {
    const steps = characters + EACH_SEARCH;
    if (this.#search + steps > SEARCH_STEPS) {
      this.truncated = true;
      return false;
    }
    this.steps += steps;
    this.#search += steps;
    return true;
  }

  /** Takes steps for one search through a whole field; false when only its ends may be searched. */
  takeFieldSearch(characters: number): boolean {
    if (this.#fieldSearch + characters > FIELD_SEARCH_STEPS) {
      // The patterns that follow are treated alike, whatever text they are for.
      this.#fieldSearch = FIELD_SEARCH_STEPS;
      this.truncated = true;
      return false;
    }
    this.steps += characters;
    this.#fieldSearch += characters;
    return true;
  }

  /** Only the ends of long texts are searched from now on. */
  get searchesEnds(): boolean {
    return this.#fieldSearch === FIELD_SEARCH_STEPS;
  }
}
