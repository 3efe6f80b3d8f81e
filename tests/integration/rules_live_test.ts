import assert from "assert";
import { join } from "node:path";
import { MemoryBus } from "../../lib/bus/memory.ts";
import { Store } from "../../lib/store/store.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { Sensor, type SensorOptions } from "../harness/sensor.ts";
import { until } from "../harness/until.ts";

/** A rule of an operator's own that knows one word. */
function ruleText(word: string, version: number, more = ""): string {
  return `rule_id: own_word
rule_version: ${version}
name: own_word
description: A word that nobody else knows.
applies_to: [command]
match:
  pattern: '\\b${word}\\b'
emits:
  - tactic: TA0002
    technique_id: T1059
    confidence: 0.9
evidence_fields: [command_text]
${more}`;
}

interface Parties {
  readonly sensor: Sensor;
  readonly bus: MemoryBus;
  readonly listener: Listener;
  readonly directory: string;
}

async function withRules(
  work: (parties: Parties) => Promise<void>,
  options: SensorOptions = {},
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const bus = new MemoryBus();
  const listener = new Listener(bus);
  {
    await using sensor = Sensor.start(bus, { rules: directory, ...options });
    await work({ sensor, bus, listener, directory });
  }
  await bus.close();
  await listener.close();
  await Deno.remove(directory, { recursive: true });
}

function changes(listener: Listener, ruleId = "own_word"): readonly unknown[] {
  return listener.on(`ttp.rule.reloaded.${ruleId}`).map(({ payload }) => payload["change"]);
}

Deno.test("a rule that is saved is live, a bad one leaves the old in force, and each change is told once", async () => {
  await withRules(async ({ sensor, bus, listener, directory }) => {
    const file = join(directory, "own_word.yaml");
    const tagsOf = (session: string): number =>
      sensor.store.database.prepare("SELECT count(*) AS n FROM ttp_tag WHERE session_id = ?")
        .get<{ n: number }>(session)!.n;
    const session = async (id: string, command: string, tags: number): Promise<void> => {
      await bus.publish([sessionEvent(id, [command])]);
      const events = sensor.worker.counters.total("events");
      await until("it is worked off", () => sensor.worker.counters.total("events") > events);
      assert.equal(tagsOf(id), tags, id);
    };
    await Deno.writeTextFile(file, ruleText("xyzzy", 1));
    await until("the rule is added", () => changes(listener).length === 1);
    await session("s1", "xyzzy", 1);

    await Deno.writeTextFile(file, ruleText("xyzzy", 2).replace("T1059", "T1059x"));
    await until("the rule is rejected", () => changes(listener).length === 2);
    assert.match(
      String(listener.on("ttp.rule.reloaded.own_word")[1]?.payload["error"]),
      /own_word\.yaml:10:19 .*"T1059x" is not in ATT&CK enterprise-19\.1; did you mean T1059\?/,
    );
    assert.equal(sensor.worker.health.report().state, "degraded");
    await session("s2", "xyzzy", 1);

    const saved = join(directory, ".own_word.tmp");
    await Deno.writeTextFile(saved, ruleText("plugh", 3));
    await Deno.rename(saved, file);
    await until("the rule is changed", () => changes(listener).length === 3);
    assert.deepEqual(sensor.worker.health.report(), { state: "ok" });
    await session("s3", "xyzzy", 0);
    await session("s4", "plugh", 1);

    await Deno.remove(file);
    await until("the rule is removed", () => changes(listener).length === 4);
    await session("s5", "plugh", 0);
    assert.deepEqual(changes(listener), ["added", "rejected", "changed", "removed"]);
  });
});

Deno.test("no event is lost and none sees a mixed set while rules are edited", async () => {
  await withRules(async ({ sensor, bus, listener, directory }) => {
    const { store, worker } = sensor;
    // Two rules that always change together: a command that one of them knows, both know.
    const save = async (version: number): Promise<void> => {
      for (const id of ["first", "second"]) {
        const text = ruleText("xyzzy", version).replaceAll("own_word", id);
        await Deno.writeTextFile(join(directory, `.${id}.tmp`), text);
      }
      for (const id of ["first", "second"]) {
        await Deno.rename(join(directory, `.${id}.tmp`), join(directory, `${id}.yaml`));
      }
    };
    await save(1);
    await until("both are live", () => changes(listener, "second").length === 1);
    let published = 0;
    for (let version = 2; version <= 6; version++) {
      await save(version);
      while (changes(listener, "second").length < version) {
        await bus.publish([sessionEvent(`s${published}`, ["xyzzy"])]);
        published += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await until("all are worked off", () => worker.counters.total("events") === published);
    type Row = { session_id: string; rules: number; versions: number };
    const rows = store.database.prepare(
      `SELECT session_id, count(*) AS rules, count(DISTINCT rule_version) AS versions
        FROM ttp_tag WHERE rule_id IN ('first', 'second') GROUP BY session_id`,
    ).all<Row>();
    assert.equal(rows.length, published);
    assert.ok(rows.every(({ rules, versions }) => rules === 2 && versions === 1));
  });
});

Deno.test("a state that another process sets is in force within a second, is told, and runs out", async () => {
  let skew = 0;
  await withRules(async ({ sensor, bus, listener }) => {
    using other = Store.open(sensor.database);
    const now = new Date();
    const expiresAt = new Date(now.getTime() + 3_600_000).toISOString();
    other.ruleStates.set("R0014", { state: "disabled", expiresAt, setBy: "ada" }, now);
    const told = () => listener.on("ttp.rule.state.R0014").map(({ payload }) => payload["state"]);
    await until("the change is told", () => told().length === 1);
    await bus.publish([sessionEvent("s1", ["cat /etc/shadow"])]);
    const { counters } = sensor.worker;
    await until("it is suppressed", () => counters.byLabel("suppressed").has("rule_disabled"));
    const suppressed = () => listener.on("ttp.rule.suppressed").map(({ payload }) => payload);
    await until("that is told", () => suppressed().length === 1);
    assert.equal(suppressed()[0]?.["rule_id"], "R0014");
    assert.equal(suppressed()[0]?.["reason"], "rule_disabled");

    skew = 3_600_001;
    await until("its end is told", () => told().length === 2);
    assert.deepEqual(told(), ["disabled", "enabled"]);
    await bus.publish([sessionEvent("s2", ["cat /etc/shadow"])]);
    await until("it tags again", () => listener.on("ttp.rule.fired.T1003").length === 1);
  }, { now: () => Date.now() + skew });
});

Deno.test("a state from another host is kept, put in force, and not sent back", async () => {
  await withRules(async ({ sensor, bus, listener }) => {
    const say = (ruleId: string, payload: unknown) => ({
      subject: `ttp.rule.state.${ruleId}`,
      data: new TextEncoder().encode(JSON.stringify({ payload })),
    });
    const { counters } = sensor.worker;
    await bus.publish([
      say("R0014", { state: "off" }),
      say("R0014", { state: "clipped" }),
      say("R0014", { state: "clipped", confidence_max: 7 }),
      say("R0014", { state: "disabled", expires_at: "yesterday" }),
      say("R9999", { state: "disabled" }),
      say("R0014", { state: "clipped", confidence_max: 0.4, set_by: "grace" }),
    ]);
    await until("it is kept", () => sensor.store.ruleStates.get("R0014") !== undefined);
    assert.equal(counters.total("rule_states_refused"), 5);
    assert.equal(sensor.store.ruleStates.get("R0014")?.setBy, "bus:grace");
    await bus.publish([sessionEvent("s1", ["cat /etc/shadow"])]);
    await until("it is tagged", () => listener.on("ttp.rule.fired.T1003").length === 1);
    const [uuid] = listener.taggedUuids.filter((tag) =>
      sensor.store.tags.get(tag)?.ruleId === "R0014"
    );
    assert.equal(sensor.store.tags.get(uuid!)?.confidence, 0.4);
    assert.equal(listener.on("ttp.rule.state.R0014").length, 5);
  }, { trustControl: true });
});

/** A state as another host sends it. */
function stateMessage(ruleId: string, payload: unknown) {
  return {
    subject: `ttp.rule.state.${ruleId}`,
    data: new TextEncoder().encode(JSON.stringify({ payload })),
  };
}

Deno.test("hostile states from the bus change nothing, and what is taken is short and plain", async () => {
  await withRules(async ({ sensor, bus }) => {
    const { counters } = sensor.worker;
    const refused = [
      stateMessage("r0014", { state: "disabled" }),
      stateMessage("R0014.x", { state: "disabled" }),
      stateMessage("__proto__", { state: "disabled" }),
      stateMessage("R0014", { state: ["disabled"] }),
      stateMessage("R0014", { state: "disabled", expires_at: 4102444800 }),
      stateMessage("R0014", { state: "disabled", expires_at: "" }),
      stateMessage("R0014", { state: "disabled", expires_at: "+275760-01-01T00:00:00Z" }),
      stateMessage("R0014", { state: "disabled", expires_at: "2001-01-01T00:00:00Z" }),
      stateMessage("R0014", { state: "clipped", confidence_max: "0.4 or so" }),
      stateMessage("R0014", { state: "clipped", confidence_max: -1 }),
      stateMessage("R0014", null),
    ];
    await bus.publish(refused);
    await until("all are refused", () => counters.total("rule_states_refused") === refused.length);
    assert.equal(sensor.store.ruleStates.all().size, 0);
    await bus.publish([stateMessage("R0014", {
      state: "disabled",
      expires_at: "9999-12-31T23:59:59Z",
      reason: "\u0000\u001b[2J\n\ud800" + "x".repeat(1_000_000),
      set_by: "eve\r\nmallory",
      rule_id: "R0015",
      __proto__: { state: "enabled" },
    })]);
    await until("it is kept", () => sensor.store.ruleStates.get("R0014") !== undefined);
    const { reason, setBy, expiresAt } = sensor.store.ruleStates.get("R0014")!;
    assert.equal(expiresAt, "9999-12-31T23:59:59.000Z");
    assert.equal(setBy, "bus:eve  mallory");
    assert.match(reason!, /^ {2}\[2J {2}x{493}$/);
    assert.equal(sensor.store.ruleStates.get("R0015"), undefined);
  }, { trustControl: true });
});

Deno.test("by default a worker takes no states from the bus, counts them, and tells its own", async () => {
  await withRules(async ({ sensor, bus, listener }) => {
    await bus.publish([stateMessage("R0014", { state: "disabled" })]);
    sensor.rules.setState("R0015", { state: "disabled" }, "ada", new Date());
    await until("its own is told", () => listener.on("ttp.rule.state.R0015").length === 1);
    await bus.publish([sessionEvent("s1", ["cat /etc/shadow"])]);
    await until("R0014 tags", () => listener.on("ttp.rule.fired.T1003").length === 1);
    assert.equal(sensor.store.ruleStates.get("R0014"), undefined);
    // What it announced itself came back to it, and is no order.
    assert.deepEqual([...sensor.worker.counters.byLabel("untrusted_orders")], [
      ["ttp.rule.state.>", 1],
    ]);
  });
});

Deno.test("what a flood would announce is held back, counted, and written all the same", async () => {
  let skew = 0;
  await withRules(async ({ sensor, bus, listener }) => {
    const { store, worker } = sensor;
    const sessions = Array.from(
      { length: 200 },
      (_, i) => sessionEvent(`s${i}`, ["xyzzy", "cat /etc/shadow"]),
    );
    await bus.publish(sessions);
    await until("all are tagged", () => worker.counters.total("events") === sessions.length);
    const rows = store.tags.count();
    // What came after the first message of this minute is told in the next.
    skew = 61_000;
    const held = () =>
      listener.on("ttp.rule.suppressed").filter(({ payload }) =>
        payload["reason"] === "rate_limited"
      );
    await until("it is told", () => held().length > 0);
    const count = () => held().reduce((sum, { payload }) => sum + Number(payload["count"]), 0);
    await until("all are announced or told", () => listener.taggedUuids.length + count() === rows);
    for (const { payload } of held()) {
      assert.ok(store.tags.get(String(payload["first_tag_uuid"])) !== undefined);
      assert.ok(store.tags.get(String(payload["last_tag_uuid"])) !== undefined);
    }
    const kept = () =>
      store.suppressed.since(new Date(0)).reduce((sum, { count }) => sum + count, 0);
    await until("all is kept", () => kept() === count());
    const byRule = worker.status()["suppressed_by_rule"] as Readonly<Record<string, number>>;
    assert.ok(byRule["R0014"]! > 0);
    assert.equal(Object.values(byRule).reduce((sum, held) => sum + held, 0), count());
  }, { announcementsPerMinute: 60, now: () => Date.now() + skew });
});
