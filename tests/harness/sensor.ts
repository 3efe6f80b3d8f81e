import { join } from "node:path";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import type { Bus } from "../../lib/bus/bus.ts";
import { EmbeddedRules } from "../../lib/rules/embedded_rules.ts";
import type { OverlayContext } from "../../lib/rules/overlay.ts";
import { loadPack } from "../../lib/rules/pack.ts";
import type { RuleStore } from "../../lib/rules/rule_store.ts";
import { Store } from "../../lib/store/store.ts";
import { CompositeTagger } from "../../lib/tagging/composite.ts";
import { lifterFaults, LIFTERS } from "../../lib/tagging/registry.ts";
import type { Companion } from "../../lib/worker/companion.ts";
import { DirectoryRules } from "../../lib/worker/rules/directory_rules.ts";
import { RuleBook } from "../../lib/worker/rules/rule_book.ts";
import { RuleFollower } from "../../lib/worker/rules/rule_follower.ts";
import { RuleStateSync } from "../../lib/worker/rules/rule_state_sync.ts";
import { Worker, type WorkerOptions } from "../../lib/worker/worker.ts";

/** What a test may say of a worker. */
export type SensorOptions =
  & Partial<Omit<WorkerOptions, "store" | "tagger" | "bus">>
  & {
    readonly openStore?: (path: string) => Store;
    /** Directory of rules that is laid over the pack and watched. */
    readonly rules?: string;
  };

/** A worker of the whole pack over a real database in a folder of its own. */
export class Sensor implements AsyncDisposable {
  readonly folder: string;
  readonly store: Store;
  readonly rules: RuleStore;
  readonly book: RuleBook;
  readonly worker: Worker;
  /** Resolves once the worker has ended. */
  readonly finished: Promise<void>;

  private constructor(bus: Bus | undefined, options: SensorOptions) {
    this.folder = Deno.makeTempDirSync({ prefix: "decnet-ttp-test-" });
    const {
      openStore = (path: string) => Store.open(path),
      rules: directory,
      ...rest
    } = options;
    this.store = openStore(join(this.folder, "ttp.db"));
    const now = rest.now ?? Date.now;
    const attack = loadEmbeddedAttack();
    const proof: OverlayContext = { lifters: (document) => lifterFaults(document) };
    const embedded = new EmbeddedRules(loadPack(), attack, proof);
    this.rules = directory === undefined
      ? embedded
      : new DirectoryRules(embedded, { directory, attack, context: () => proof });
    this.rules.keepStatesIn(this.store.ruleStates);
    this.book = new RuleBook(this.rules.load().pack, this.store);
    const { rules, book, store } = this;
    const companions: Companion[] = [
      new RuleStateSync({ store, rules, book, trusted: rest.trustControl ?? false, now }),
      new RuleFollower(rules, book),
    ];
    const tagger = new CompositeTagger({
      attack,
      rules: () => this.book.rules,
      lifters: LIFTERS,
      stateOf: (ruleId) => this.book.stateOf(ruleId),
      now,
    });
    this.worker = new Worker({
      store: this.store,
      tagger,
      announcementsPerMinute: 0,
      companions,
      ...(bus !== undefined && { bus }),
      ...rest,
    });
    this.finished = this.worker.run();
  }

  /** Starts a worker. The bus stays the caller's. */
  static start(bus: Bus | undefined, options: SensorOptions = {}): Sensor {
    return new Sensor(bus, options);
  }

  /** Path of the database. */
  get database(): string {
    return this.store.database.file;
  }

  /** Ends the worker as a signal would, and waits until it has ended. */
  async stop(): Promise<void> {
    this.worker.stop("the test is over");
    await this.finished;
  }

  /** Ends the worker and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.store.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}
