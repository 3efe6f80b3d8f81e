import assert from "assert";
import type { RuleState } from "../../../lib/rules/state.ts";
import { OlderFile } from "../older_file.ts";
import { after, NOW, Scratch } from "../scratch.ts";

const at = (minutes: number) => after(minutes).toISOString();

Deno.test("a state comes back as it was set, also after a restart", () => {
  using scratch = new Scratch();
  const state: RuleState = {
    state: "clipped",
    confidenceMax: 0.5,
    expiresAt: at(240),
    reason: "noisy",
    setBy: "alice",
  };
  const first = scratch.open();
  first.ruleStates.set("R0015", state, NOW);
  first.ruleStates.set("R0001", { state: "disabled" }, NOW);
  first.close();
  const { ruleStates } = scratch.open();
  assert.deepEqual(ruleStates.get("R0015"), { ...state, setAt: at(0) });
  assert.deepEqual([...ruleStates.all()], [
    ["R0001", { state: "disabled", setAt: at(0) }],
    ["R0015", { ...state, setAt: at(0) }],
  ]);
  assert.equal(ruleStates.get("R0002"), undefined);
});

Deno.test("a later state replaces the whole of an earlier one", () => {
  using scratch = new Scratch();
  const { ruleStates } = scratch.open();
  ruleStates.set("R0015", { state: "clipped", confidenceMax: 0.5, reason: "noisy" }, NOW);
  ruleStates.set("R0015", { state: "disabled" }, after(1));
  assert.deepEqual(ruleStates.get("R0015"), { state: "disabled", setAt: at(1) });
});

Deno.test("a state that has run out is taken back once", () => {
  using scratch = new Scratch();
  const { ruleStates } = scratch.open();
  ruleStates.set("R0001", { state: "disabled", expiresAt: at(10) }, NOW);
  ruleStates.set("R0002", { state: "disabled", expiresAt: at(20) }, NOW);
  ruleStates.set("R0003", { state: "disabled" }, NOW);
  assert.equal(ruleStates.expire(after(9)).size, 0);
  assert.deepEqual([...ruleStates.expire(after(10))], [
    ["R0001", { state: "disabled", expiresAt: at(10), setAt: at(0) }],
  ]);
  assert.equal(ruleStates.expire(after(10)).size, 0);
  assert.deepEqual([...ruleStates.all().keys()], ["R0002", "R0003"]);
});

Deno.test("every change is on the trail, and another process sees that there is one", () => {
  using scratch = new Scratch();
  const { ruleStates } = scratch.open();
  const watcher = scratch.open().ruleStates;
  const revisions = [watcher.revision()];
  ruleStates.set("R0001", { state: "disabled", expiresAt: at(10), setBy: "alice" }, NOW);
  revisions.push(watcher.revision());
  ruleStates.expire(after(10));
  revisions.push(watcher.revision());
  ruleStates.set("R0002", { state: "clipped", confidenceMax: 0.4 }, after(11));
  assert.equal(ruleStates.remove("R0002", after(12), "bob"), true);
  assert.equal(ruleStates.remove("R0002", after(13), "bob"), false);
  assert.deepEqual(revisions, [0, 1, 2]);
  assert.equal(watcher.revision(), 4);
  assert.deepEqual(ruleStates.history(10).map(({ id: _, ...change }) => change), [
    { ruleId: "R0002", change: "reset", at: at(12), state: "enabled", setBy: "bob" },
    { ruleId: "R0002", change: "set", at: at(11), state: "clipped", confidenceMax: 0.4 },
    {
      ruleId: "R0001",
      change: "expired",
      at: at(10),
      state: "disabled",
      expiresAt: at(10),
      setBy: "alice",
    },
    {
      ruleId: "R0001",
      change: "set",
      at: at(0),
      state: "disabled",
      expiresAt: at(10),
      setBy: "alice",
    },
  ]);
  assert.deepEqual(ruleStates.history(1, "R0001").map(({ change }) => change), ["expired"]);
});

Deno.test("states of an earlier version are named once, and those of nobody are the bus's", () => {
  using scratch = new Scratch();
  {
    using old = new OlderFile(scratch.file, 4);
    old.database.exec(
      `INSERT INTO rule_state (rule_id, state, set_by, set_at)
        VALUES ('R0002', 'disabled', 'alice', '1'), ('R0001', 'disabled', NULL, '1')`,
    );
  }
  const first = scratch.open();
  assert.deepEqual(first.ruleStates.takeUnverified(), ["R0001", "R0002"]);
  assert.equal(first.ruleStates.get("R0001")?.setBy, "bus:unnamed");
  assert.equal(first.ruleStates.get("R0002")?.setBy, "alice");
  first.close();
  assert.deepEqual(scratch.open().ruleStates.takeUnverified(), []);
});

Deno.test("states that this version set need not be verified", () => {
  using scratch = new Scratch();
  const { ruleStates } = scratch.open();
  ruleStates.set("R0001", { state: "disabled" }, NOW);
  assert.deepEqual(ruleStates.takeUnverified(), []);
});
