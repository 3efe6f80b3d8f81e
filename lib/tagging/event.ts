import type { Payload } from "../rules/format/document.ts";
import type { SourceKind } from "../rules/source_kind.ts";

export type { Payload };

/**
 * One taggable thing inside a bus event: a session, one of its commands, an
 * email, a verdict.
 */
export interface TaggerEvent {
  /** Decides which rules look at it. */
  readonly sourceKind: SourceKind;
  /** Stable over replays: it is part of every tag's identity. */
  readonly sourceId: string;
  /** Whose doing it is. */
  readonly attackerUuid?: string;
  /** Address of the attacker, where the event names it. */
  readonly attackerIp?: string;
  /** Several attackers resolved to one actor. */
  readonly identityUuid?: string;
  /** Session that it is part of. */
  readonly sessionId?: string;
  /** Decoy machine that saw it. */
  readonly deckyId?: string;
  /** When it happened; UTC, ISO 8601 with milliseconds. It is no part of a tag's identity. */
  readonly observedAt?: string;
  /** What the producer said of it. */
  readonly payload: Payload;
}
