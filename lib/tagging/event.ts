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
  /** Several attackers resolved to one actor. */
  readonly identityUuid?: string;
  /** Session that it is part of. */
  readonly sessionId?: string;
  /** Decoy machine that saw it. */
  readonly deckyId?: string;
  /** What the producer said of it. */
  readonly payload: Payload;
}
