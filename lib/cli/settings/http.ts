import { isLoopback } from "../../observe/http_answer.ts";
import type { HttpOptions } from "../../observe/http_endpoint.ts";
import { switchSetting, textSetting } from "./kinds.ts";
import { SettingsError, type SettingValues } from "./settings.ts";

/** Where health, metrics and the report are told over HTTP. */
export const HTTP_SETTINGS = {
  http: textSetting({
    flag: "--http <host:port>",
    env: "DECNET_TTP_HTTP",
    description: "tell health, metrics and the live report over HTTP, e.g. at 127.0.0.1:9464",
  }),
  httpAllowRemote: switchSetting({
    flag: "--http-allow-remote",
    env: "DECNET_TTP_HTTP_ALLOW_REMOTE",
    description: "let other hosts ask too; needs a token",
  }),
  httpToken: textSetting({
    env: "DECNET_TTP_HTTP_TOKEN",
    description: "who asks over HTTP must say this token",
    secret: true,
  }),
  httpTokenFile: textSetting({
    flag: "--http-token-file <file>",
    env: "DECNET_TTP_HTTP_TOKEN_FILE",
    description: "file with that token",
  }),
};

/** A token that is shorter can be guessed; in characters. */
const MIN_TOKEN = 16;

/**
 * Where to listen, as the settings say.
 *
 * @returns nothing when nobody asked for it
 * @throws {SettingsError} when the settings cannot be meant, or would let strangers in
 */
export function httpOptions(values: SettingValues<typeof HTTP_SETTINGS>): HttpOptions | undefined {
  const { http, httpAllowRemote } = values;
  if (http === undefined) return undefined;
  const { hostname, port } = addressOf(http);
  const token = tokenOf(values);
  if (!isLoopback(hostname)) {
    if (!httpAllowRemote) {
      throw new SettingsError(
        `--http ${http} can be reached from other hosts; say --http-allow-remote if that is meant`,
      );
    }
    if (token === undefined) {
      throw new SettingsError(
        `--http ${http} can be reached from other hosts and needs a token: DECNET_TTP_HTTP_TOKEN ` +
          "or --http-token-file",
      );
    }
  }
  return { hostname, port, ...(token !== undefined && { token }) };
}

function addressOf(text: string): { readonly hostname: string; readonly port: number } {
  const [, hostname, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@]+):(\d{1,5})$/.exec(text) ?? [];
  if (hostname === undefined || port === undefined || Number(port) > 65_535) {
    throw new SettingsError(`--http: "${text}" is no address like 127.0.0.1:9464 or [::1]:9464`);
  }
  return { hostname, port: Number(port) };
}

function tokenOf(
  { httpToken, httpTokenFile }: SettingValues<typeof HTTP_SETTINGS>,
): string | undefined {
  if (httpToken !== undefined && httpTokenFile !== undefined) {
    throw new SettingsError("the token for HTTP is given twice: in the environment and as a file");
  }
  const token = httpTokenFile === undefined ? httpToken : readToken(httpTokenFile);
  if (token !== undefined && (token.length < MIN_TOKEN || /\s/.test(token))) {
    throw new SettingsError(
      `the token for HTTP must have at least ${MIN_TOKEN} characters and no blanks`,
    );
  }
  return token;
}

function readToken(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`--http-token-file: cannot read ${path}: ${reason}`);
  }
}
