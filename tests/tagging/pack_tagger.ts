import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import type { Rule } from "../../lib/rules/rule.ts";
import { loadPack } from "../../lib/rules/pack.ts";
import { RuleSet } from "../../lib/rules/run/rule_set.ts";
import type { SourceKind } from "../../lib/rules/source_kind.ts";
import { CompositeTagger, type TaggerOptions } from "../../lib/tagging/composite.ts";
import type { Payload, TaggerEvent } from "../../lib/tagging/event.ts";
import { LIFTERS } from "../../lib/tagging/registry.ts";
import type { Evidence } from "../../lib/tagging/tag.ts";

/** A tagger over the pack, or over other rules. */
export function packTagger(
  options: Partial<TaggerOptions> = {},
  rules: readonly Rule[] = loadPack().rules,
): CompositeTagger {
  const set = RuleSet.compile(rules);
  return new CompositeTagger({
    attack: loadEmbeddedAttack(),
    rules: () => set,
    lifters: LIFTERS,
    now: () => 0,
    ...options,
  });
}

/** An event that belongs to somebody. */
export function eventOf(sourceKind: SourceKind, payload: Payload): TaggerEvent {
  return { sourceKind, sourceId: "e1", attackerUuid: "a1", identityUuid: "i1", payload };
}

const PACK = packTagger();

/** What the pack's rule shows of an event; nothing when it does not match. */
export function evidenceBy(
  ruleId: string,
  kind: SourceKind,
  payload: Payload,
): Evidence | undefined {
  return PACK.tag(eventOf(kind, payload)).tags.find((tag) => tag.ruleId === ruleId)?.evidence;
}
