import type { Attack } from "./matrix.ts";

/** Where a phase stands in an intrusion: getting in, getting through, getting out. */
export type KillChainStage = "in" | "through" | "out";

/** The phases of the Unified Kill Chain in its order, with their stage. */
export const KILL_CHAIN_PHASES = {
  reconnaissance: "in",
  resource_development: "in",
  weaponization: "in",
  delivery: "in",
  social_engineering: "in",
  exploitation: "in",
  persistence: "in",
  defense_evasion: "in",
  command_and_control: "in",
  pivoting: "through",
  discovery: "through",
  privilege_escalation: "through",
  execution: "through",
  credential_access: "through",
  lateral_movement: "through",
  collection: "out",
  exfiltration: "out",
  impact: "out",
  objectives: "out",
} as const satisfies Readonly<Record<string, KillChainStage>>;

/** A phase of the Unified Kill Chain. */
export type KillChainPhase = keyof typeof KILL_CHAIN_PHASES;

/** The phase that each tactic belongs to; ICS tactics after those of Enterprise. */
const PHASE_BY_TACTIC: Readonly<Record<string, KillChainPhase>> = {
  TA0043: "reconnaissance",
  TA0042: "resource_development",
  TA0001: "delivery",
  TA0002: "execution",
  TA0003: "persistence",
  TA0004: "privilege_escalation",
  TA0005: "defense_evasion",
  TA0112: "defense_evasion",
  TA0006: "credential_access",
  TA0007: "discovery",
  TA0008: "lateral_movement",
  TA0009: "collection",
  TA0011: "command_and_control",
  TA0010: "exfiltration",
  TA0040: "impact",
  TA0100: "collection",
  TA0102: "discovery",
  TA0105: "impact",
  TA0106: "impact",
};

/** Tactics that releases before 19 do not have. */
const NEWER_TACTICS: ReadonlySet<string> = new Set(["TA0112"]);

/** Phases that happen where no sensor can see them. */
const UNOBSERVABLE: ReadonlySet<KillChainPhase> = new Set([
  "reconnaissance",
  "resource_development",
  "weaponization",
  "social_engineering",
]);

/** The phase that a tactic belongs to. */
export function phaseOf(tacticId: string): KillChainPhase | undefined {
  return Object.hasOwn(PHASE_BY_TACTIC, tacticId) ? PHASE_BY_TACTIC[tacticId] : undefined;
}

/** The first tactic of a phase; nothing for a phase that a sensor cannot observe, or that has none. */
export function tacticOf(phase: KillChainPhase): string | undefined {
  if (UNOBSERVABLE.has(phase)) return undefined;
  return Object.keys(PHASE_BY_TACTIC).find((tactic) => PHASE_BY_TACTIC[tactic] === phase);
}

/**
 * Proves that every tactic of the map exists in the loaded releases.
 *
 * @returns one sentence for each that does not
 */
export function checkKillChain(attack: Attack): readonly string[] {
  const { enterprise, ics } = attack;
  return Object.keys(PHASE_BY_TACTIC)
    .filter((tactic) => enterprise.tactic(tactic) === undefined && ics.tactic(tactic) === undefined)
    .filter((tactic) => !(NEWER_TACTICS.has(tactic) && Number(enterprise.version) < 19))
    .map((tactic) =>
      `kill chain: tactic ${tactic} is neither in ATT&CK ${enterprise.release} nor in ${ics.release}`
    );
}
