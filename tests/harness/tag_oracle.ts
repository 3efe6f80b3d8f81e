import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import type { Publication } from "../../lib/bus/bus.ts";
import { decodeEnvelope } from "../../lib/bus/envelope.ts";
import { loadPack } from "../../lib/rules/pack.ts";
import { RuleSet } from "../../lib/rules/run/rule_set.ts";
import { CompositeTagger } from "../../lib/tagging/composite.ts";
import { taggerEvents } from "../../lib/tagging/payload_events.ts";
import { LIFTERS } from "../../lib/tagging/registry.ts";

/** Says which tags an event must give, without database, bus or any other event. */
export class TagOracle {
  readonly #tagger: CompositeTagger;

  /** Takes the whole pack. */
  constructor() {
    const rules = RuleSet.compile(loadPack().rules);
    this.#tagger = new CompositeTagger({
      attack: loadEmbeddedAttack(),
      rules: () => rules,
      lifters: LIFTERS,
      now: Date.now,
    });
  }

  /**
   * Ids of the tags of one event.
   *
   * @throws {Error} when it is none
   */
  tagsOf({ subject, data }: Publication): readonly string[] {
    const decoded = decodeEnvelope(data);
    if (!decoded.ok) throw new Error(`an event on ${subject} is ${decoded.reason}`);
    const { type, payload } = decoded.envelope;
    return taggerEvents(subject, type, payload)
      .flatMap((event) => this.#tagger.tag(event).tags.map(({ uuid }) => uuid));
  }
}
