import assert from "assert";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import type { OverlayContext } from "../../lib/rules/overlay.ts";
import type { RuleStore } from "../../lib/rules/rule_store.ts";
import { StoreError } from "../../lib/store/sqlite/errors.ts";
import { Store } from "../../lib/store/store.ts";
import { ruleText } from "./rule_text.ts";

/** A store of rules with what it lives on. */
export interface OpenRules extends AsyncDisposable {
  readonly rules: RuleStore;
}

/** Opens a store that holds rules of these texts. */
export type OpenRuleStore = (
  texts: readonly string[],
  context: OverlayContext,
) => Promise<OpenRules>;

/** What the stores under test are proven against. */
export const ATTACK = loadEmbeddedAttack();

const CONTEXT: OverlayContext = { lifters: () => [] };
const AT = new Date("2026-01-31T12:00:00.000Z");

const text = (id: string, lines: Readonly<Record<string, string>> = {}) =>
  ruleText({ rule_id: id, ...lines });

const emits = (technique: string, sub = "") =>
  `[{ tactic: TA0005, technique_id: ${technique}, confidence: 0.5${
    sub && `, sub_technique_id: ${sub}`
  } }]`;

/** What every store of rules does. */
export function testRuleStoreContract(name: string, open: OpenRuleStore): void {
  const test = (
    behaviour: string,
    body: (rules: RuleStore) => Promise<void> | void,
    texts: readonly string[] = [text("R0002"), text("R0001"), text("OWN")],
    context = CONTEXT,
  ) =>
    Deno.test(`${name} ${behaviour}`, async () => {
      await using opened = await open(texts, context);
      await body(opened.rules);
    });

  test("loads its rules in id order, and they are in force from then on", (rules) => {
    const { pack, problems } = rules.load();
    assert.deepEqual(problems, []);
    assert.deepEqual(pack.rules.map(({ document }) => document.rule_id), ["OWN", "R0001", "R0002"]);
    assert.equal(rules.pack, pack);
    assert.equal(rules.fault, undefined);
  });

  test("tells every problem of every rule, with its place", (rules) => {
    const { problems } = rules.load();
    assert.deepEqual(
      problems.map(({ code, severity, path }) => [code, severity, path[0]]).toSorted(),
      [["backtracking", "error", "R0002"], ["unknown_technique", "error", "R0001"]],
    );
    assert.ok(problems.every(({ file, line }) => file !== "" && line >= 1));
  }, [
    text("R0001", { emits: emits("T9999") }),
    text("R0002", { match: "{ pattern: 'a(?=b)' }" }),
    text("R0003"),
  ]);

  test(
    "takes rules of another release when it is asked to",
    (rules) => {
      const { pack, problems } = rules.load();
      assert.ok(problems.every(({ severity }) => severity === "warning"));
      assert.deepEqual(pack.rules.map(({ document }) => document.emits[0]?.technique_id), [
        "T1685",
        "T1685",
      ]);
    },
    ["R0001", "R0002"].map((id) => text(id, { emits: emits("T1562", "T1562.001") })),
    { ...CONTEXT, migrate: true },
  );

  test("gives the state that was set last, with who and when", (rules) => {
    assert.equal(rules.getState("R0001"), undefined);
    assert.equal(rules.setState("R0001", { state: "clipped", confidenceMax: 0 }, "ada", AT), true);
    const state = { state: "disabled", reason: "noisy", expiresAt: AT.toISOString() } as const;
    assert.equal(rules.setState("R0001", state, "bob", AT), true);
    const kept = { ...state, setBy: "bob", setAt: AT.toISOString() };
    assert.deepEqual(rules.getState("R0001"), kept);
    assert.equal(rules.getState("R0002"), undefined);
  });

  test("gives the default back, and says whether that was a change", (rules) => {
    rules.setState("R0001", { state: "disabled" }, undefined, AT);
    assert.equal(rules.setState("R0001", undefined, "ada", AT), true);
    assert.equal(rules.getState("R0001"), undefined);
    assert.equal(rules.setState("R0001", undefined, "ada", AT), false);
  });

  for (
    const state of [
      { state: "clipped" },
      { state: "clipped", confidenceMax: 1.01 },
      { state: "clipped", confidenceMax: -0.01 },
      { state: "clipped", confidenceMax: Number.NaN },
      { state: "disabled", expiresAt: "tomorrow" },
    ] as const
  ) {
    test(`refuses the state ${JSON.stringify(state)} and keeps the one before`, (rules) => {
      rules.setState("R0001", { state: "disabled" }, "ada", AT);
      assert.throws(() => rules.setState("R0001", state, "bob", AT), RangeError);
      assert.equal(rules.getState("R0001")?.setBy, "ada");
    });
  }

  test("keeps states in a database, where others see them, and lets no failure pass", async (rules) => {
    const folder = await Deno.makeTempDir();
    const file = `${folder}/ttp.db`;
    {
      using store = Store.open(file);
      using other = Store.open(file);
      rules.keepStatesIn(store.ruleStates);
      rules.setState("R0001", { state: "disabled" }, "ada", AT);
      assert.deepEqual(rules.getState("R0001"), other.ruleStates.get("R0001"));
      other.ruleStates.set("R0002", { state: "clipped", confidenceMax: 0.25 }, AT);
      assert.equal(rules.getState("R0002")?.confidenceMax, 0.25);
      store.database.run("PRAGMA query_only = ON");
      assert.throws(() => rules.setState("R0001", undefined, "ada", AT), StoreError);
      assert.throws(() => rules.setState("OWN", { state: "disabled" }, "ada", AT), StoreError);
      assert.equal(other.ruleStates.get("R0001")?.state, "disabled");
    }
    await Deno.remove(folder, { recursive: true });
  });

  test("tells of no change where there is none, and of none after it was closed", async (rules) => {
    rules.load();
    const changes = rules.changes()[Symbol.asyncIterator]();
    const next = changes.next();
    rules.setState("R0001", { state: "disabled" }, "ada", AT);
    rules.look();
    rules.close();
    assert.equal((await next).done, true);
    assert.equal((await rules.changes()[Symbol.asyncIterator]().next()).done, true);
  });
}
