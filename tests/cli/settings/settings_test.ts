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
  });
  assert.deepEqual(resolveSettings(TABLE, { days: "9" }, FILE), {
    values: { url: "7", days: 9 },
    origins: { url: "file", days: "flag" },
    places: { url: "t.toml:3", days: "--days" },
  });
  assert.deepEqual(resolveSettings(TABLE, {}, { env: () => "" }), {
    values: { url: "there", days: undefined },
    origins: { url: "default", days: "default" },
    places: { url: undefined, days: undefined },
  });
});

Deno.test("a value that cannot be meant is told with the place that says it", () => {
  assert.throws(
    () => resolveSettings(TABLE, { days: "many" }, FILE),
    (error: unknown) =>
      error instanceof SettingsError && /^--days: "many" cannot be used;/.test(error.message),
  );
});
