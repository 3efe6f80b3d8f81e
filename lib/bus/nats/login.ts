import {
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  nkeys,
  type TlsOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "nats/core";
import { BusSettingsError, type NatsSettings, parseTarget } from "./settings.ts";

/** What a client needs to log in, read from its files. */
export interface NatsLogin {
  readonly authenticator: Authenticator | undefined;
  readonly tls: TlsOptions | undefined;
  /** Texts that must not appear in a message. */
  readonly secrets: readonly string[];
}

type Credentials = Pick<NatsLogin, "authenticator" | "secrets">;

/**
 * Reads the credentials and certificates that the settings name. Call it for
 * each connection, since files change while the program runs.
 *
 * @throws {BusSettingsError} when a file cannot be read or does not hold what it should, or when there is more than one login
 */
export function readLogin(settings: NatsSettings): NatsLogin {
  const ways = [fromUrl(settings), ...FORMS.map((form) => form(settings))]
    .filter((way) => way !== undefined);
  if (ways.length > 1) {
    throw new BusSettingsError(
      "more than one NATS login is given: choose user and password, token, nkey seed or creds file",
    );
  }
  const { authenticator, secrets } = ways[0] ?? { authenticator: undefined, secrets: [] };
  return { authenticator, tls: readTls(settings), secrets };
}

/** Takes secrets out of a text that others made. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== "")
    .reduce((safe, secret) => safe.replaceAll(secret, "…"), text);
}

function fromUrl(settings: NatsSettings): Credentials | undefined {
  const { login } = parseTarget(settings);
  if (login === undefined) return undefined;
  return "token" in login ? byToken(login.token) : byPassword(login.user, login.password);
}

const FORMS: readonly ((settings: NatsSettings) => Credentials | undefined)[] = [
  ({ user, password, passwordFile }) => {
    if (user === undefined && password === undefined && passwordFile === undefined) {
      return undefined;
    }
    const secret = password ?? (passwordFile && readSecret("password", passwordFile));
    if (user === undefined || secret === undefined) {
      throw new BusSettingsError("a NATS login by password needs both the user and the password");
    }
    return byPassword(user, secret);
  },
  ({ token }) => token === undefined ? undefined : byToken(token),
  ({ tokenFile }) => tokenFile === undefined ? undefined : byToken(readSecret("token", tokenFile)),
  ({ nkeySeedFile }) => nkeySeedFile === undefined ? undefined : bySeed(nkeySeedFile),
  ({ credsFile }) => credsFile === undefined ? undefined : byCreds(credsFile),
];

function byPassword(user: string, password: string): Credentials {
  return { authenticator: usernamePasswordAuthenticator(user, password), secrets: [password] };
}

function byToken(token: string): Credentials {
  return { authenticator: tokenAuthenticator(token), secrets: [token] };
}

function bySeed(file: string): Credentials {
  const seed = readSecret("nkey seed", file);
  const bytes = new TextEncoder().encode(seed);
  try {
    nkeys.fromSeed(bytes);
  } catch {
    throw new BusSettingsError(`${file} does not hold the seed of a NATS nkey (it begins with SU)`);
  }
  return { authenticator: nkeyAuthenticator(bytes), secrets: [seed] };
}

function byCreds(file: string): Credentials {
  const text = readSecret("credentials", file);
  const authenticator = credsAuthenticator(new TextEncoder().encode(`${text}\n`));
  try {
    authenticator("a nonce as a server would send it");
  } catch {
    throw new BusSettingsError(
      `${file} does not hold NATS credentials (a user JWT and a seed, as nsc writes them)`,
    );
  }
  const secrets = text.split(/\s+/).filter((word) => /^SU[A-Z2-7]{20,}$/.test(word));
  return { authenticator, secrets };
}

function readTls(settings: NatsSettings): TlsOptions | undefined {
  const { caFile, certFile, keyFile, tlsFirst } = settings;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new BusSettingsError("a NATS client certificate needs both its file and its key's file");
  }
  if (!parseTarget(settings).tls) return undefined;
  return {
    ...(tlsFirst === true && { handshakeFirst: true }),
    ...(caFile !== undefined && { ca: readPem("CA certificate", caFile) }),
    ...(certFile !== undefined && { cert: readPem("client certificate", certFile) }),
    ...(keyFile !== undefined && { key: readPem("client key", keyFile) }),
  };
}

function readPem(what: string, file: string): string {
  const text = readSecret(what, file);
  if (text.includes("-----BEGIN ")) return `${text}\n`;
  throw new BusSettingsError(`${file} does not hold a ${what} in PEM form`);
}

function readSecret(what: string, file: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(file).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.name : String(error);
    throw new BusSettingsError(`cannot read the NATS ${what} from ${file}: ${reason}`);
  }
  if (text !== "") return text;
  throw new BusSettingsError(`cannot read the NATS ${what} from ${file}: it is empty`);
}
