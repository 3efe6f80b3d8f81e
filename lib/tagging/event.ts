import type { SourceKind } from "../rules/source_kind.ts";

/** What a producer sent, as parsed JSON. Nothing about it may be trusted. */
export type Payload = Readonly<Record<string, unknown>>;

/**
 * One taggable thing inside a bus event: a session, one of its commands, an
 * email, a verdict.
 */
export interface TaggerEvent {
  readonly sourceKind: SourceKind;
  /** Stable over replays: it is part of every tag's identity. */
  readonly sourceId: string;
  readonly attackerUuid?: string;
  readonly identityUuid?: string;
  readonly sessionId?: string;
  readonly deckyId?: string;
  readonly payload: Payload;
}
