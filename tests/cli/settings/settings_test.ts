import assert from "assert";
import { resolveSettings, SettingsError } from "../../../lib/cli/settings/settings.ts";
import { countSetting, textSetting } from "../../../lib/cli/settings/kinds.ts";

const TABLE = {
  url: textSetting({ flag: "--url <url>", env: "URL", description: "", fallback: "there" }),
  days: countSetting({ flag: "--days <days>", env: "DAYS", description: "" }),
};

const FILE = { env: () => "7", settingPlace: () => "t.toml:3" };

Deno.test("each value is told with the place that says it", () => {
  const env = (name: string): string | undefined => name === "DAYS" ? "5" : undefined;
  assert.deepEqual(resolveSettings(TABLE, { url: "here" }, { env }), {
    values: { url: "here", days: 5 },
    origins: { url: "flag", days: "environment" },
    places: { url: "--url", days: "DAYS" },
    warnings: [],
  });
  assert.deepEqual(resolveSettings(TABLE, { days: "9" }, FILE), {
    values: { url: "7", days: 9 },
    origins: { url: "file", days: "flag" },
    places: { url: "t.toml:3", days: "--days" },
    warnings: [],
  });
  assert.deepEqual(resolveSettings(TABLE, {}, { env: () => "" }), {
    values: { url: "there", days: undefined },
    origins: { url: "default", days: "default" },
    places: { url: undefined, days: undefined },
    warnings: [],
  });
});

Deno.test("a value that cannot be meant is told with the place that says it", () => {
  assert.throws(
    () => resolveSettings(TABLE, { days: "many" }, FILE),
    (error: unknown) =>
      error instanceof SettingsError && /^--days: "many" cannot be used;/.test(error.message),
  );
});

Deno.test("a name of an earlier version is accepted with a warning; the stronger origin counts, then the name of today", () => {
  const formerly = [{
    name: "oldUrl",
    flag: "--old-url <url>",
    env: "OLD_URL",
    convert: (text: string) => `old:${text}`,
    successor: "say --url",
  }];
  const table = {
    url: textSetting({ flag: "--url <url>", env: "URL", description: "", formerly }),
  };
  const resolved = (
    flags: Readonly<Record<string, unknown>>,
    env: Readonly<Record<string, string>>,
    inFile: readonly string[] = [],
  ) => {
    const { values, warnings } = resolveSettings(table, flags, {
      env: (name) => env[name],
      settingPlace: (name) => inFile.includes(name) ? "t.toml:1" : undefined,
    });
    return [values.url, warnings.length];
  };
  assert.deepEqual(resolved({ oldUrl: "a" }, { URL: "b" }), ["old:a", 1]);
  assert.deepEqual(resolved({ url: "a", oldUrl: "b" }, {}), ["a", 1]);
  assert.deepEqual(resolved({}, { URL: "a", OLD_URL: "b" }), ["a", 1]);
  assert.deepEqual(resolved({}, { URL: "a", OLD_URL: "b" }, ["URL"]), ["old:b", 1]);
  assert.deepEqual(resolved({}, { URL: "a" }), ["a", 0]);
  const [warning] = resolveSettings(table, {}, { env: () => "x" }).warnings;
  assert.match(
    warning!,
    /^OLD_URL: the name `oldUrl` of 0\.1\.0 is accepted until 1\.0; say --url$/,
  );
});
