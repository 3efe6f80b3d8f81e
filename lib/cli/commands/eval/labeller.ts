import type { Attack } from "../../../attack/matrix.ts";
import type { Label, Labeller } from "../../../rules/evaluation/label.ts";
import type { RuleSet } from "../../../rules/run/rule_set.ts";
import type { SourceKind } from "../../../rules/source_kind.ts";
import { CompositeTagger } from "../../../tagging/composite.ts";
import type { Payload } from "../../../tagging/event.ts";
import { taggerEvents } from "../../../tagging/payload_events.ts";
import { LIFTERS } from "../../../tagging/registry.ts";

/**
 * Labels what a session holds as the worker does, from its payload to the tags of
 * its parts; tags of the session as a whole are left out.
 */
export class SessionLabeller implements Labeller {
  readonly #tagger: CompositeTagger;

  /** Makes a labeller for rules in their default state. */
  constructor(rules: RuleSet, attack: Attack) {
    this.#tagger = new CompositeTagger({
      attack,
      rules: () => rules,
      lifters: LIFTERS,
      now: () => 0,
      floor: 0,
    });
  }

  /** Labels of commands; see {@linkcode Labeller}. */
  commands(lines: readonly string[]): readonly Label[] {
    return this.#labels("command", { commands: lines });
  }

  /** Labels of requests; see {@linkcode Labeller}. */
  requests(requests: readonly Payload[]): readonly Label[] {
    return this.#labels("http_request", { http_requests: requests });
  }

  #labels(kind: SourceKind, parts: Payload): readonly Label[] {
    const session = { session_id: "eval", attacker_uuid: "eval", ...parts };
    return taggerEvents("attacker.session.ended", "session.ended", session)
      .filter(({ sourceKind }) => sourceKind === kind)
      .flatMap((event) => this.#tagger.tag(event).tags)
      .map(({ techniqueId, subTechniqueId, tactic, confidence, ruleId }) => ({
        technique: subTechniqueId ?? techniqueId,
        tactic,
        confidence,
        ruleId,
      }));
  }
}
