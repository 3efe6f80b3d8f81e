/** A technique or sub-technique. */
export interface Technique {
  /** External id, e.g. `T1548.001`. */
  readonly id: string;
  /** Name; a sub-technique's is `Parent: Sub`. */
  readonly name: string;
  /** Its page on MITRE's site. */
  readonly url: string;
  /** Ids of its tactics, in matrix order. */
  readonly tactics: readonly string[];
  /** Platforms as MITRE names them, e.g. `Linux`. */
  readonly platforms: readonly string[];
  /** Present on a sub-technique. */
  readonly parentId?: string;
  /** Whether another technique has taken its place. */
  readonly revoked: boolean;
  /** Whether MITRE has given it up. */
  readonly deprecated: boolean;
  /** Id of MITRE's own `attack-pattern` object. */
  readonly stixId: string;
}

/** A column of the matrix. */
export interface Tactic {
  /** External id, e.g. `TA0005`. */
  readonly id: string;
  /** Name in STIX kill chain phases, e.g. `stealth`. */
  readonly shortname: string;
  /** Name as the matrix shows it, e.g. `Discovery`. */
  readonly name: string;
  /** Its page on MITRE's site. */
  readonly url: string;
  /** Id of MITRE's own `x-mitre-tactic` object. */
  readonly stixId: string;
}

/** A threat group. */
export interface Group {
  /** External id, e.g. `G0016`. */
  readonly id: string;
  /** Name that MITRE prefers. */
  readonly name: string;
  /** Other names of the same group. */
  readonly aliases: readonly string[];
  /** Its page on MITRE's site. */
  readonly url: string;
}

/** Everything that a matrix is built from. */
export interface MatrixFacts {
  /** e.g. `enterprise-attack`. */
  readonly domain: string;
  /** e.g. `19.1`. */
  readonly version: string;
  /** SHA-256 of the bytes that the facts came from, in hex. */
  readonly sha256: string;
  /** In matrix order. */
  readonly tactics: readonly Tactic[];
  /** Techniques and sub-techniques in any order. */
  readonly techniques: readonly Technique[];
  /** Groups in any order. */
  readonly groups: readonly Group[];
  /** Group id and the technique id that it uses. */
  readonly uses: readonly (readonly [group: string, technique: string])[];
  /** Technique id and the id that replaces it. */
  readonly revokedBy: readonly (readonly [revoked: string, successor: string])[];
}

/** One release of one ATT&CK domain, indexed for look-ups. Immutable. */
export class Matrix {
  /** e.g. `enterprise-attack`. */
  readonly domain: string;
  /** e.g. `19.1`. */
  readonly version: string;
  /** SHA-256 of the bytes that it was loaded from, in hex. */
  readonly sha256: string;
  /** In matrix order. */
  readonly tactics: readonly Tactic[];
  /** Sorted by id; revoked and deprecated ones too. */
  readonly techniques: readonly Technique[];
  /** Sorted by id. */
  readonly groups: readonly Group[];
  readonly #techniques: ReadonlyMap<string, Technique>;
  readonly #tactics: ReadonlyMap<string, Tactic>;
  readonly #children: ReadonlyMap<string, readonly Technique[]>;
  readonly #uses: MatrixFacts["uses"];
  /** Made when it is first asked for: labelling events needs no groups. */
  #users: ReadonlyMap<string, readonly Group[]> | undefined;
  readonly #successors: ReadonlyMap<string, string>;

  /**
   * Indexes a release.
   *
   * @param facts what it is built from
   */
  constructor(facts: MatrixFacts) {
    this.domain = facts.domain;
    this.version = facts.version;
    this.sha256 = facts.sha256;
    this.tactics = facts.tactics;
    this.techniques = facts.techniques.toSorted(byId);
    this.groups = facts.groups.toSorted(byId);
    this.#techniques = new Map(this.techniques.map((technique) => [technique.id, technique]));
    this.#tactics = new Map(
      this.tactics.flatMap((tactic) => [[tactic.id, tactic], [tactic.shortname, tactic]]),
    );
    this.#children = Map.groupBy(
      this.techniques.filter((technique) => technique.parentId !== undefined),
      (technique) => technique.parentId!,
    );
    this.#uses = facts.uses;
    this.#successors = new Map(facts.revokedBy);
  }

  /** Domain and version as they stand on every tag, e.g. `enterprise-19.1`. */
  get release(): string {
    return `${this.domain.replace(/-attack$/, "")}-${this.version}`;
  }

  /** A technique or sub-technique by its id. */
  technique(id: string): Technique | undefined {
    return this.#techniques.get(id);
  }

  /** A tactic by its id or its short name. */
  tactic(idOrShortname: string): Tactic | undefined {
    return this.#tactics.get(idOrShortname);
  }

  /** The technique that a sub-technique belongs to. */
  parent(id: string): Technique | undefined {
    const parentId = this.technique(id)?.parentId;
    return parentId === undefined ? undefined : this.technique(parentId);
  }

  /** The sub-techniques of a technique, by id. */
  subTechniques(id: string): readonly Technique[] {
    return this.#children.get(id) ?? [];
  }

  /** The groups that use exactly this technique, by group id. */
  groupsUsing(id: string): readonly Group[] {
    return (this.#users ??= usersByTechnique(this.groups, this.#uses)).get(id) ?? [];
  }

  /** What replaces a revoked technique, and what replaces that, nearest first. */
  successors(id: string): readonly string[] {
    const chain: string[] = [];
    let next = this.#successors.get(id);
    while (next !== undefined && next !== id && !chain.includes(next)) {
      chain.push(next);
      next = this.#successors.get(next);
    }
    return chain;
  }
}

/** The releases that rules are checked against and tags are made with. */
export interface Attack {
  /** Enterprise, which most rules emit. */
  readonly enterprise: Matrix;
  /** Industrial control systems. */
  readonly ics: Matrix;
}

function usersByTechnique(
  groups: readonly Group[],
  uses: MatrixFacts["uses"],
): ReadonlyMap<string, readonly Group[]> {
  const known = new Map(groups.map((group) => [group.id, group]));
  const users = new Map<string, Set<Group>>();
  for (const [groupId, techniqueId] of uses) {
    const group = known.get(groupId);
    if (group === undefined) continue;
    users.set(techniqueId, (users.get(techniqueId) ?? new Set()).add(group));
  }
  return new Map(
    Array.from(users, ([technique, using]) => [technique, Array.from(using).sort(byId)]),
  );
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
