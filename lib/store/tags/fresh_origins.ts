/** Room at first; it doubles whenever it is full. */
const FIRST_ROOM = 1024;

/** Stands where an origin is not of one part of a source alone; no hash is negative. */
const NO_WHOLE = -1;

/** An origin that no index holds yet. */
export interface FreshOrigin {
  /** Of the name of its source. */
  readonly hash: number;
  readonly origin: number;
  /** Of an origin that is of one part of a source alone, the hash of the source. */
  readonly whole: number | null;
}

/**
 * Origins that no index holds yet, found by the hash of their source. They are kept
 * as columns of numbers, 32 bytes each: as objects in a map they took six times as
 * much, and were gone through with every collection of garbage.
 */
export class FreshOrigins {
  #hashes = new Float64Array(FIRST_ROOM);
  #origins = new Float64Array(FIRST_ROOM);
  #wholes = new Float64Array(FIRST_ROOM);
  /** Of each, the one before it in the same chain: its place with 1 added, or 0. */
  #before = new Int32Array(FIRST_ROOM);
  /** Of each chain, its last one, in the same way. */
  #chains = new Int32Array(FIRST_ROOM);
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** The origin that was added last. */
  get last(): number | undefined {
    return this.#size === 0 ? undefined : this.#origins[this.#size - 1];
  }

  /** Adds one behind the others. */
  add({ hash, origin, whole }: FreshOrigin): void {
    if (this.#size === this.#hashes.length) this.#grow();
    const place = this.#size++;
    this.#hashes[place] = hash;
    this.#origins[place] = origin;
    this.#wholes[place] = whole ?? NO_WHOLE;
    this.#chain(place);
  }

  /** The origins whose source has a hash, in the order in which they were added. */
  of(hash: number): number[] {
    const found: number[] = [];
    let next = this.#chains[this.#chainOf(hash)]!;
    for (; next > 0; next = this.#before[next - 1]!) {
      if (this.#hashes[next - 1] === hash) found.push(this.#origins[next - 1]!);
    }
    return found.reverse();
  }

  /** Keeps only so many, those that were added first. */
  cutTo(size: number): void {
    while (this.#size > size) {
      const place = --this.#size;
      this.#chains[this.#chainOf(this.#hashes[place]!)] = this.#before[place]!;
    }
  }

  /**
   * Takes all out.
   *
   * @returns those beyond an origin
   */
  takeBeyond(origin: number): readonly FreshOrigin[] {
    const beyond: FreshOrigin[] = [];
    for (let place = 0; place < this.#size; place++) {
      if (this.#origins[place]! <= origin) continue;
      const whole = this.#wholes[place]!;
      beyond.push({
        hash: this.#hashes[place]!,
        origin: this.#origins[place]!,
        whole: whole === NO_WHOLE ? null : whole,
      });
    }
    this.#size = 0;
    this.#chains.fill(0);
    return beyond;
  }

  #chainOf(hash: number): number {
    return hash & (this.#chains.length - 1);
  }

  #chain(place: number): void {
    const chain = this.#chainOf(this.#hashes[place]!);
    this.#before[place] = this.#chains[chain]!;
    this.#chains[chain] = place + 1;
  }

  #grow(): void {
    const room = this.#hashes.length * 2;
    this.#hashes = widened(this.#hashes, room);
    this.#origins = widened(this.#origins, room);
    this.#wholes = widened(this.#wholes, room);
    this.#before = new Int32Array(room);
    this.#chains = new Int32Array(room);
    for (let place = 0; place < this.#size; place++) this.#chain(place);
  }
}

function widened(column: Float64Array, room: number): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(room);
  wide.set(column);
  return wide;
}
