import type { RuleState } from "../../rules/state.ts";
import { TableBound } from "../queues/table_bound.ts";
import type { Database } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";

/** One entry of the trail of changes. */
export interface RuleStateChange extends RuleState {
  readonly id: number;
  readonly ruleId: string;
  /** Whether somebody set a state, took it back, or its time was over. */
  readonly change: "set" | "reset" | "expired";
  /** UTC, ISO 8601. */
  readonly at: string;
}

interface StateRow {
  readonly rule_id: string;
  readonly state: RuleState["state"];
  readonly confidence_max: number | null;
  readonly expires_at: string | null;
  readonly reason: string | null;
  readonly set_by: string | null;
}

const STATE_COLUMNS = "rule_id, state, confidence_max, expires_at, reason, set_by";

/** The tables `rule_state` and `rule_state_history`: what operators decided, and when. */
export class RuleStateTable {
  /** The oldest entries of the trail go first. */
  readonly bound: TableBound;
  readonly #database: Database;
  readonly #get: Statement;
  readonly #all: Statement;
  readonly #set: Statement;
  readonly #remove: Statement;
  readonly #expired: Statement;
  readonly #note: Statement;
  readonly #history: Statement;
  readonly #revision: Statement;
  readonly #takeUnverified: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.bound = new TableBound(database, {
      table: "rule_state_history",
      order: "id",
      bytes: "100 + coalesce(octet_length(reason), 0) + coalesce(octet_length(set_by), 0)",
      maxRows: 10_000,
      maxBytes: 16 * 1024 * 1024,
    });
    const columns = `${STATE_COLUMNS}, set_at`;
    this.#get = database.prepare(`SELECT ${columns} FROM rule_state WHERE rule_id = ?`);
    this.#all = database.prepare(`SELECT ${columns} FROM rule_state ORDER BY rule_id`);
    this.#set = database.prepare(
      `INSERT OR REPLACE INTO rule_state (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#remove = database.prepare("DELETE FROM rule_state WHERE rule_id = ?");
    this.#expired = database.prepare(
      `SELECT ${columns} FROM rule_state WHERE expires_at <= ? ORDER BY rule_id`,
    );
    this.#note = database.prepare(
      `INSERT INTO rule_state_history (change, at, ${STATE_COLUMNS})
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#history = database.prepare(
      `SELECT id, change, at, ${STATE_COLUMNS} FROM rule_state_history
        WHERE ?1 IS NULL OR rule_id = ?1 ORDER BY id DESC LIMIT ?2`,
    );
    this.#revision = database.prepare(
      "SELECT coalesce(max(id), 0) AS revision FROM rule_state_history",
    );
    this.#takeUnverified = database.prepare(
      "DELETE FROM meta WHERE key = 'unverified_rule_states' RETURNING value",
    );
  }

  /** The state of a rule, also when it has expired; nothing for a rule that nobody touched. */
  get(ruleId: string): RuleState | undefined {
    const row = this.#get.get<StateRow & { set_at: string }>(ruleId);
    return row === undefined ? undefined : stateOf(row, row.set_at);
  }

  /** All states, by rule id. */
  all(): ReadonlyMap<string, RuleState> {
    const rows = this.#all.all<StateRow & { set_at: string }>();
    return new Map(rows.map((row) => [row.rule_id, stateOf(row, row.set_at)]));
  }

  /**
   * Sets the state of a rule in the place of the one before it.
   *
   * @param at when; becomes `setAt`
   */
  set(ruleId: string, state: RuleState, at: Date): void {
    this.#database.together(() => {
      this.#set.run(...valuesOf(ruleId, state), at.toISOString());
      this.#noteChange("set", at.toISOString(), ruleId, state);
    });
  }

  /**
   * Gives a rule its default state back.
   *
   * @param by who wants it, for the trail
   * @returns whether it had another one
   */
  remove(ruleId: string, at: Date, by?: string): boolean {
    return this.#database.together(() => {
      if (this.#remove.run(ruleId) === 0) return false;
      const state: RuleState = { state: "enabled", ...(by !== undefined && { setBy: by }) };
      this.#noteChange("reset", at.toISOString(), ruleId, state);
      return true;
    });
  }

  /**
   * Gives rules whose state has run out their default state back, each once.
   *
   * @returns the states that ran out, by rule id
   */
  expire(now: Date): ReadonlyMap<string, RuleState> {
    const at = now.toISOString();
    const rows = this.#expired.all<StateRow & { set_at: string }>(at);
    if (rows.length === 0) return new Map();
    return this.#database.together(() => {
      const expired = rows.filter((row) => this.#remove.run(row.rule_id) > 0);
      const states = expired.map((row) => [row.rule_id, stateOf(row, row.set_at)] as const);
      for (const [ruleId, state] of states) {
        this.#noteChange("expired", at, ruleId, state);
      }
      return new Map(states);
    });
  }

  #noteChange(
    change: RuleStateChange["change"],
    at: string,
    ruleId: string,
    state: RuleState,
  ): void {
    this.#note.run(change, at, ...valuesOf(ruleId, state));
    this.bound.added(100 + (state.reason?.length ?? 0) + (state.setBy?.length ?? 0));
  }

  /**
   * The trail of changes, newest first.
   *
   * @param limit at most so many
   * @param ruleId only of this rule
   */
  history(limit: number, ruleId?: string): readonly RuleStateChange[] {
    type Row = StateRow & { id: number; change: RuleStateChange["change"]; at: string };
    return this.#history.all<Row>(ruleId ?? null, limit).map((row) => ({
      id: row.id,
      ruleId: row.rule_id,
      change: row.change,
      at: row.at,
      ...stateOf(row),
    }));
  }

  /**
   * Rules with a state that an earlier version kept, when it still took states from
   * whoever could publish on the bus; told once.
   */
  takeUnverified(): readonly string[] {
    const row = this.#takeUnverified.get<{ value: string }>();
    if (row === undefined) return [];
    const states = this.all();
    return (JSON.parse(row.value) as string[]).filter((ruleId) => states.has(ruleId));
  }

  /** Grows with every change, also by another process: cheap to ask several times a second. */
  revision(): number {
    return this.#revision.get<{ revision: number }>()?.revision ?? 0;
  }
}

function stateOf(row: StateRow, setAt?: string): RuleState {
  return {
    state: row.state,
    ...(row.confidence_max !== null && { confidenceMax: row.confidence_max }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.set_by !== null && { setBy: row.set_by }),
    ...(setAt !== undefined && { setAt }),
  };
}

function valuesOf(
  ruleId: string,
  { state, confidenceMax, expiresAt, reason, setBy }: RuleState,
): readonly (string | number | null)[] {
  return [ruleId, state, confidenceMax ?? null, expiresAt ?? null, reason ?? null, setBy ?? null];
}
