import type { CompositeTagger } from "../../tagging/composite.ts";
import type { Payload, TaggerEvent } from "../../tagging/event.ts";
import type { ObservedTimes } from "../../tagging/observed_at.ts";
import type { EventParts } from "../../tagging/payload_events.ts";
import type { Bump, Suppression, SuppressionReason, Tag, Tagging } from "../../tagging/tag.ts";

/** How much one event may cause. */
export interface EventLimits {
  /** Children, i.e. commands, requests, logins, payloads and sums over them, that are tagged. */
  readonly maxChildren: number;
  /** Tags of children that are written. */
  readonly maxTags: number;
}

/** What one event may cause unless a setting says otherwise. */
export const DEFAULT_EVENT_LIMITS: EventLimits = { maxChildren: 10_000, maxTags: 20_000 };

/**
 * Tags the parts of one event, a slice of time after the other: first the children,
 * then the event itself, whose evidence says what of the children is missing. The
 * same event under the same limits gives the same tags, however it is sliced.
 */
export class EventTagging {
  /** Matches that must not be written, as far as they are kept. */
  readonly suppressed: Suppression[] = [];
  readonly bumps: Bump[] = [];
  /** Entries that were not looked at. */
  readonly childrenBeyond: number;
  /** Tags of children that were not kept. */
  tagsBeyond = 0;
  /** Every match that must not be written, by reason. */
  readonly suppressedByReason = new Map<SuppressionReason, number>();
  /** Kinds of event that no rule applies to. */
  readonly unclaimedKinds = new Set<string>();
  readonly #times: ObservedTimes | undefined;
  readonly #tagger: CompositeTagger;
  readonly #base: TaggerEvent;
  readonly #children: Iterator<TaggerEvent>;
  readonly #maxTags: number;
  #tags: Tag[] = [];
  #isDone = false;

  /**
   * @param parts made with the same limits
   * @param further events of other kinds that belong to this one
   */
  constructor(
    tagger: CompositeTagger,
    parts: EventParts,
    { maxTags }: EventLimits,
    further: readonly TaggerEvent[] = [],
  ) {
    this.#tagger = tagger;
    this.#base = parts.base;
    const children = further.length === 0 ? parts.children : following(parts.children, further);
    this.#children = children[Symbol.iterator]();
    this.#maxTags = maxTags;
    this.childrenBeyond = parts.beyondLimit;
    this.#times = parts.times;
  }

  /** Tags in the order of the event's parts, once {@linkcode advance} has said that all is done. */
  get tags(): readonly Tag[] {
    return this.#tags;
  }

  /** Times of its parts that cannot be true, and so counted as absent. */
  get implausibleTimes(): number {
    return this.#times?.implausible ?? 0;
  }

  /** The session that the event is about, for log lines. */
  get sessionId(): string {
    return this.#base.sessionId ?? this.#base.sourceId;
  }

  /**
   * Tags at least one more part, and goes on until it is told to pause.
   *
   * @param mustPause asked after each part
   * @returns whether all parts are tagged
   */
  advance(mustPause: () => boolean): boolean {
    while (!this.#isDone) {
      const { value, done } = this.#children.next();
      if (done === true) this.#tagBase();
      else this.#take(this.#tag(value));
      if (mustPause()) break;
    }
    return this.#isDone;
  }

  #tag(event: TaggerEvent): Tagging {
    if (!this.#tagger.claimedKinds.has(event.sourceKind)) this.unclaimedKinds.add(event.sourceKind);
    return this.#tagger.tag(event);
  }

  #take({ tags, suppressed, bumps }: Tagging): void {
    const kept = Math.min(tags.length, this.#maxTags - this.#tags.length);
    this.tagsBeyond += tags.length - kept;
    if (kept > 0) this.#tags.push(...(kept < tags.length ? tags.slice(0, kept) : tags));
    this.#takeRest(suppressed, bumps);
  }

  /** The event's own tags are few and say what is missing: they are kept always, and come first. */
  #tagBase(): void {
    const payload = withExcess(this.#base.payload, this.childrenBeyond, this.tagsBeyond);
    const { tags, suppressed, bumps } = this.#tag(
      payload === this.#base.payload ? this.#base : { ...this.#base, payload },
    );
    if (tags.length > 0) this.#tags = [...tags, ...this.#tags];
    this.#takeRest(suppressed, bumps);
    this.#isDone = true;
  }

  #takeRest(suppressed: readonly Suppression[], bumps: readonly Bump[]): void {
    for (const suppression of suppressed) {
      const { reason } = suppression;
      this.suppressedByReason.set(reason, (this.suppressedByReason.get(reason) ?? 0) + 1);
      if (this.suppressed.length < this.#maxTags) this.suppressed.push(suppression);
    }
    if (bumps.length > 0) this.bumps.push(...bumps);
  }
}

function* following(
  children: Iterable<TaggerEvent>,
  further: readonly TaggerEvent[],
): Generator<TaggerEvent> {
  yield* children;
  yield* further;
}

const EXCESS_FIELDS = ["children_beyond_limit", "tags_beyond_limit"] as const;

/** Says what is missing; what a producer says under the same names is not taken for it. */
function withExcess(payload: Payload, children: number, tags: number): Payload {
  const isExcess = children > 0 || tags > 0;
  if (!isExcess && !EXCESS_FIELDS.some((field) => Object.hasOwn(payload, field))) return payload;
  const { children_beyond_limit: _children, tags_beyond_limit: _tags, ...said } = payload;
  return isExcess ? { ...said, children_beyond_limit: children, tags_beyond_limit: tags } : said;
}
