import type { Tag } from "../../../lib/tagging/tag.ts";

/** Which attacker is which identity, and what was merged into what, in the plainest way. */
export class ModelIdentities {
  #ofAttacker = new Map<string, string>();
  #mergedInto = new Map<string, string>();

  save(): () => void {
    const [ofAttacker, mergedInto] = [new Map(this.#ofAttacker), new Map(this.#mergedInto)];
    return () => {
      this.#ofAttacker = ofAttacker;
      this.#mergedInto = mergedInto;
    };
  }

  set(attackerUuid: string, identityUuid: string): void {
    this.#ofAttacker.set(attackerUuid, identityUuid);
  }

  /** What a tag says of its attacker holds where nobody said it better. */
  fill(attackerUuid: string, identityUuid: string): void {
    if (!this.#ofAttacker.has(attackerUuid)) this.set(attackerUuid, identityUuid);
  }

  merge(loser: string, winner: string): void {
    if (loser === winner) return;
    if (this.#chain(winner).includes(loser)) this.#mergedInto.delete(winner);
    this.#mergedInto.set(loser, winner);
  }

  unmerge(identityUuid: string): void {
    this.#mergedInto.delete(identityUuid);
  }

  forget(attackerUuid: string): void {
    this.#ofAttacker.delete(attackerUuid);
  }

  /** The identity under which one shows. */
  inForce(identityUuid: string): string {
    return this.#chain(identityUuid).at(-1)!;
  }

  /** The identity of a tag, which an attacker has by itself. */
  shownOf({ attackerUuid, identityUuid }: Tag): string | undefined {
    const named = attackerUuid === undefined ? identityUuid : this.#ofAttacker.get(attackerUuid);
    return named === undefined ? undefined : this.inForce(named);
  }

  #chain(identityUuid: string): readonly string[] {
    const next = this.#mergedInto.get(identityUuid);
    return next === undefined ? [identityUuid] : [identityUuid, ...this.#chain(next)];
  }
}
