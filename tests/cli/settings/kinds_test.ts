import assert from "assert";
import { parseDuration, switchSetting, textSetting } from "../../../lib/cli/settings/kinds.ts";
import { resolveSettings, SettingsError } from "../../../lib/cli/settings/settings.ts";

for (
  const [text, ms] of [
    ["1ms", 1],
    ["90", 90_000],
    ["90s", 90_000],
    ["1.5m", 90_000],
    ["4h", 14_400_000],
    ["1d", 86_400_000],
    ["2w", 1_209_600_000],
  ] as const
) {
  Deno.test(`${text} is a length of ${ms} milliseconds`, () => {
    assert.equal(parseDuration(text), ms);
  });
}

for (const text of ["", "0", "0s", "-1s", "1y", "s", "1 s", "1e3"]) {
  Deno.test(`${JSON.stringify(text)} is no length of time`, () => {
    assert.throws(() => parseDuration(text), SettingsError);
  });
}

Deno.test("a switch is on or off by any of the usual words, and by no other", () => {
  const { parse } = switchSetting({ env: "SWITCH", description: "a switch" });
  for (const word of ["1", "true", "yes", "on", "ON"]) assert.equal(parse(word), true);
  for (const word of ["0", "false", "no", "off", "Off"]) assert.equal(parse(word), false);
  for (const word of ["", "2", "maybe"]) assert.throws(() => parse(word), SettingsError);
});

Deno.test("a secret that cannot be used is not shown", () => {
  const secret = textSetting({ env: "SECRET", description: "a secret", secret: true });
  const strict = {
    secret: {
      ...secret,
      parse: () => {
        throw new SettingsError("it is too short");
      },
    },
  };
  assert.throws(
    () => resolveSettings(strict, {}, { env: () => "hunter2" }),
    (error: unknown) =>
      error instanceof SettingsError &&
      error.message === "SECRET: its value cannot be used; it is too short",
  );
});
