import assert from "assert";
import { HTTP_SETTINGS, httpOptions } from "../../../lib/cli/settings/http.ts";
import { resolveSettings, SettingsError } from "../../../lib/cli/settings/settings.ts";

const TOKEN = "0123456789abcdef";

function options(flags: Readonly<Record<string, unknown>>, token?: string) {
  const env = (name: string) => name === "DECNET_TTP_HTTP_TOKEN" ? token : undefined;
  return httpOptions(resolveSettings(HTTP_SETTINGS, flags, { env }).values);
}

Deno.test("HTTP is off until somebody asks for it, and needs no token on this host alone", () => {
  assert.equal(options({}), undefined);
  const [hostname, port] = ["127.0.0.1", 9464];
  assert.deepEqual(options({ http: "127.0.0.1:9464" }), { hostname, port });
  assert.deepEqual(options({ http: "127.0.0.1:9464" }, TOKEN), { hostname, port, token: TOKEN });
});

for (
  const [what, flags, token, says] of [
    ["other hosts without being allowed to", { http: "0.0.0.0:1" }, TOKEN, /--http-allow-remote/],
    [
      "other hosts without a token",
      { http: "0.0.0.0:1", httpAllowRemote: true },
      undefined,
      /needs a token/,
    ],
    ["who guesses a token of 15 characters", { http: "[::1]:1" }, TOKEN.slice(1), /at least 16/],
    ["who says a token with a blank", { http: "[::1]:1" }, `${TOKEN} x`, /no blanks/],
    ["a port that there is not", { http: "127.0.0.1:65536" }, TOKEN, /no address/],
  ] as const
) {
  Deno.test(`HTTP does not answer ${what}`, () => {
    assert.throws(
      () => options(flags, token),
      (error: unknown) => error instanceof SettingsError && says.test(error.message),
    );
  });
}

Deno.test("other hosts may ask with a token where that is allowed", () => {
  const { token } = options({ http: "0.0.0.0:1", httpAllowRemote: true }, TOKEN)!;
  assert.equal(token, TOKEN);
});
