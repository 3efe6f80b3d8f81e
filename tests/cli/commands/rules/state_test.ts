import assert from "assert";
import { Store } from "../../../../lib/store/store.ts";
import { directoryWith, runCaptured } from "../../captured_run.ts";

/** Runs `rules` commands against one database, as the user ada. */
function rulesAt(directory: string) {
  const env = { DECNET_TTP_DB: `${directory}/ttp.db`, USER: "ada" };
  return (...args: readonly string[]) => runCaptured(["rules", ...args], env);
}

function stored(directory: string) {
  using store = Store.open(`${directory}/ttp.db`);
  return Object.fromEntries(
    [...store.ruleStates.all()].map((
      [id, { setAt: _at, expiresAt, ...state }],
    ) => [id, { ...state, ...(expiresAt !== undefined && { expires: true }) }]),
  );
}

Deno.test("states are set by id, pattern and technique, with reason, author and expiry", async () => {
  using dir = directoryWith({});
  const rules = rulesAt(dir.path);
  assert.equal((await rules("disable", "R0015", "--for", "4h", "--reason", "noisy")).code, 0);
  assert.equal((await rules("clip", "R002[78]", "--max", "0.5", "--by", "bob")).code, 0);
  assert.equal((await rules("enable", "--technique", "T1003.008")).code, 0);
  const states = stored(dir.path);
  assert.deepEqual(states["R0015"], {
    state: "disabled",
    reason: "noisy",
    setBy: "ada",
    expires: true,
  });
  assert.deepEqual(states["R0027"], { state: "clipped", confidenceMax: 0.5, setBy: "bob" });
  assert.deepEqual(states["R0028"], states["R0027"]);
  assert.deepEqual(states["R0014"], { state: "enabled", setBy: "ada" });
  const list = await rules("list", "R0015", "R0027");
  assert.match(list.out, /^R0015 .*disabled until \d{4}-.*\(noisy\)/m);
  assert.match(list.out, /^R0027 .*clipped to 0\.5/m);
});

Deno.test("a change of states is told to scripts as `rules list` tells states", async () => {
  using dir = directoryWith({});
  const rules = rulesAt(dir.path);
  const told = async (...args: readonly string[]) => {
    const { code, out, err } = await rules(...args, "--json");
    assert.deepEqual([code, err], [0, ""]);
    return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  };
  const clipped = { state: "clipped", confidenceMax: 0.5, reason: "noisy" };
  assert.deepEqual(await told("clip", "R002[78]", "--max", "0.5", "--reason", "noisy"), [
    { rule_id: "R0027", state: clipped },
    { rule_id: "R0028", state: clipped },
  ]);
  const [disabled] = await told("disable", "R0015", "--for", "4h");
  assert.deepEqual([disabled.rule_id, disabled.state.state], ["R0015", "disabled"]);
  const [listed] = await told("list", "R0015");
  assert.equal(listed.state.expiresAt, disabled.state.expiresAt);
  const normal = { state: "enabled" };
  assert.deepEqual(await told("enable", "R0015"), [{ rule_id: "R0015", state: normal }]);
  assert.deepEqual(await told("reset", "R0015", "R0099"), [{ rule_id: "R0015", state: normal }]);
  assert.deepEqual(await told("reset", "R0015"), []);
});

Deno.test("a range, a technique with its sub-techniques and a tactic name sets of rules", async () => {
  for (
    const [args, some, others] of [
      [["R00[45]*"], ["R0040", "R0059"], ["R0039", "R0060"]],
      [["--technique", "T1110"], ["R0001", "R0002", "R0003"], ["R0014"]],
      [["--technique", "t1110.003"], ["R0003"], ["R0001", "R0002"]],
      [["--tactic", "ta0040"], ["R0032", "R0033"], ["R0014"]],
      [["R000?", "--technique", "T1110"], ["R0001", "R0003"], ["R0054"]],
    ] as const
  ) {
    using dir = directoryWith({});
    assert.equal((await rulesAt(dir.path)("disable", ...args)).code, 0);
    const disabled = Object.keys(stored(dir.path));
    for (const id of some) assert.ok(disabled.includes(id), `${args} ${id}`);
    for (const id of others) assert.ok(!disabled.includes(id), `${args} ${id}`);
  }
});

Deno.test("a reason that would play with a terminal is kept and shown harmless", async () => {
  using dir = directoryWith({});
  const rules = rulesAt(dir.path);
  const reason = "\x1b]0;owned\x07 \x1b[2Jlong".padEnd(10_000, "x");
  const shown = [
    await rules("disable", "R0015", "--reason", reason, "--by", "\x1b[31mred"),
    await rules("list", "R0015"),
    await rules("show", "R0015"),
    await rules("history"),
  ];
  for (const { code, out } of shown) {
    assert.equal(code, 0);
    assert.doesNotMatch(out, /(?!\n)\p{Cc}/u);
  }
  assert.equal(stored(dir.path)["R0015"]?.reason?.length, 500);
});

Deno.test("what was held back of a rule is shown where there is any", async () => {
  using dir = directoryWith({});
  const rules = rulesAt(dir.path);
  const titles = async () => (await rules("list")).out.split("\n", 1)[0]!;
  assert.doesNotMatch(await titles(), /HELD BACK/);
  {
    using store = Store.open(`${dir.path}/ttp.db`);
    const held = { ruleId: "R0015", reason: "rate_limited", count: 41 } as const;
    store.suppressed.add([held, { ...held, reason: "below_floor", count: 1 }], new Date());
    store.suppressed.add([held], new Date(Date.now() - 26 * 3_600_000));
  }
  assert.match(await titles(), /24 H +HELD BACK +FROM/);
  assert.match((await rules("list", "R0015")).out, /^R0015 .* 0 +42 +pack$/m);
  assert.doesNotMatch((await rules("list", "R0016")).out, /HELD BACK/);
  const json = JSON.parse((await rules("list", "R0015", "--json")).out);
  assert.deepEqual(json.suppressed_24h, { rate_limited: 41, below_floor: 1 });
  const shown = (await rules("show", "R0015")).out;
  assert.match(shown, /^# held back in the last 24 hours: 41 \(rate limited\)$/m);
  assert.match(shown, /^# held back in the last 24 hours: 1 \(below floor\)$/m);
});

Deno.test("reset gives the default state back, and the history keeps who did what", async () => {
  using dir = directoryWith({});
  const rules = rulesAt(dir.path);
  await rules("disable", "R0015", "R0016");
  const { out } = await rules("reset", "R001*");
  assert.match(out, /^R0015 is in its default state\nR0016 is/);
  assert.deepEqual(stored(dir.path), {});
  assert.match((await rules("reset", "*")).out, /none of these rules/);
  const history = await rules("history", "R0015", "--json");
  assert.deepEqual(
    history.out.trim().split("\n").map((line) => JSON.parse(line)).map((
      { change, setBy },
    ) => [change, setBy]),
    [["reset", "ada"], ["set", "ada"]],
  );
  assert.match(
    (await rules("history")).out,
    /^WHEN +RULE +BY +CHANGE\n.* R0016 +ada +default state$/m,
  );
});

for (
  const [args, message] of [
    [["disable"], /which rules\?/],
    [["disable", "R9999"], /there is no rule R9999; `rules list`/],
    [["disable", "r0015"], /there is no rule r0015; did you mean R0015\?/],
    [["disable", "R0015]"], /there is no rule R0015\]/],
    [["disable", "R00[z-a]*"], /is not a pattern of rule ids/],
    [["disable", "--technique", "T9999"], /no rule is meant/],
    [["disable", "R0015", "--tactic", "TA0043"], /no rule is meant/],
    [["disable", "R0015", "--for", "0s"], /--for: expected a length of time/],
    [["disable", "R0015", "--for", "-1h"], /--for/],
    [["disable", "R0015", "--for", "9999999d"], /--for: that is after the year 9999/],
    [["disable", "R0015", "--for", "999999999w"], /--for: that is after the year 9999/],
    [["disable", "R0015", "--until", "+010000-01-01T00:00:00Z"], /--until: that is after the year/],
    [["disable", "R0015", "--until", "noon"], /--until: expected a time/],
    [["disable", "R0015", "--for", "soon"], /--for: expected a length of time/],
    [["disable", "R0015", "--until", "2001-01-01"], /--until: that time is over/],
    [["disable", "R0015", "--for", "1h", "--until", "2999-01-01"], /give one of them/],
    [["clip", "R0015"], /--max/],
    [["clip", "R0015", "--max", "2"], /--max: expected a number from 0 to 1/],
    [["clip", "R0015", "--max=-0.1"], /--max: expected a number from 0 to 1/],
    [["clip", "R0015", "--max", "NaN"], /--max: expected a number from 0 to 1/],
    [["clip", "R0015", "--max", ""], /--max: expected a number from 0 to 1/],
    [["history", "--limit", "none"], /--limit: expected/],
  ] as const
) {
  Deno.test(`rules ${args.join(" ")} is refused and changes nothing`, async () => {
    using dir = directoryWith({});
    const { code, err } = await rulesAt(dir.path)(...args);
    assert.equal(code, 2);
    assert.match(err, message);
    assert.throws(() => Deno.statSync(`${dir.path}/ttp.db`), Deno.errors.NotFound);
  });
}

Deno.test("looking at rules and their history creates no database", async () => {
  using dir = directoryWith({});
  const rules = rulesAt(dir.path);
  assert.equal((await rules("list", "R0015")).code, 0);
  assert.match((await rules("history")).out, /nobody has changed/);
  assert.throws(() => Deno.statSync(`${dir.path}/ttp.db`), Deno.errors.NotFound);
});
