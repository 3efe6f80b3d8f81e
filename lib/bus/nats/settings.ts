/** Settings of the bus that cannot be meant; the message says which, and never holds a secret. */
export class BusSettingsError extends Error {
  override readonly name = "BusSettingsError";
}

/** Where the server is and how to log in. At most one way of logging in may be given. */
export interface NatsSettings {
  /**
   * Addresses, comma separated: `nats://HOST[:PORT]`, or `tls://` to insist on TLS. Name all
   * servers of a cluster. `USER:PASSWORD@` or `TOKEN@` may stand before the first host.
   */
  readonly servers: string;
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  /** File with the seed of a user nkey (`SU…`). */
  readonly nkeySeedFile?: string;
  /** File with a user's JWT and seed, as `nsc` writes it. */
  readonly credsFile?: string;
  /** PEM file of the authority that signed the server's certificate; insists on TLS. */
  readonly caFile?: string;
  /** PEM file of the client's certificate; needs `keyFile`. */
  readonly certFile?: string;
  /** PEM file of the client certificate's private key. */
  readonly keyFile?: string;
  /** Handshake before the server says anything (`handshake_first` on the server). */
  readonly tlsFirst?: boolean;
}

/** What can be told from the settings without opening a file. */
export interface NatsTarget {
  /** As `HOST:PORT`, without credentials. */
  readonly servers: readonly NatsAddress[];
  /** Whether to refuse a connection without TLS. */
  readonly tls: boolean;
  /** What stood before `@`. */
  readonly login: UrlLogin | undefined;
}

/** One server. */
export interface NatsAddress {
  readonly host: string;
  readonly port: number;
}

/** Credentials inside an address. */
export type UrlLogin =
  | { readonly user: string; readonly password: string }
  | { readonly token: string };

/** Port of a server that names none; assigned to NATS by its own documentation. */
const DEFAULT_PORT = 4222;

/** `HOST:PORT`, with brackets where IPv6 needs them. */
export function addressText({ host, port }: NatsAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads the addresses.
 *
 * @throws {BusSettingsError} when one of them is not an address of a NATS server
 */
export function parseTarget(settings: NatsSettings): NatsTarget {
  const texts = settings.servers.split(",").map((text) => text.trim()).filter((text) => text);
  if (texts.length === 0) throw new BusSettingsError(`no NATS server is named: ${EXPECTED}`);
  const parsed = texts.map(parseAddress);
  const logins = parsed.flatMap(({ login }) => login ?? []);
  if (new Set(logins.map((login) => JSON.stringify(login))).size > 1) {
    throw new BusSettingsError("the NATS addresses name different credentials: name one login");
  }
  return {
    servers: parsed.map(({ address }) => address),
    tls: parsed.some(({ tls }) => tls) || settings.tlsFirst === true ||
      settings.caFile !== undefined || settings.certFile !== undefined,
    login: logins[0],
  };
}

const EXPECTED = "an address looks like nats://HOST:PORT or tls://HOST:PORT";

function parseAddress(
  text: string,
): { address: NatsAddress; tls: boolean; login: UrlLogin | undefined } {
  const shown = JSON.stringify(withoutLogin(text));
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? "nats";
  if (scheme !== "nats" && scheme !== "tls") {
    throw new BusSettingsError(`cannot use ${shown} as a NATS server: ${EXPECTED}`);
  }
  const url = URL.parse(text.includes("://") ? text : `nats://${text}`);
  if (url === null || url.hostname === "" || !isHost(url.hostname) || hasMore(url)) {
    throw new BusSettingsError(`cannot read ${shown} as a NATS server: ${EXPECTED}`);
  }
  return {
    address: {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    },
    tls: scheme === "tls",
    login: loginOf(url),
  };
}

function isHost(hostname: string): boolean {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/i.test(hostname);
}

function hasMore({ pathname, search, hash, port }: URL): boolean {
  return (pathname !== "" && pathname !== "/") || search !== "" || hash !== "" || port === "0";
}

function loginOf({ username, password }: URL): UrlLogin | undefined {
  if (username === "" && password === "") return undefined;
  try {
    const user = decodeURIComponent(username);
    return password === "" ? { token: user } : { user, password: decodeURIComponent(password) };
  } catch {
    throw new BusSettingsError('the login in the NATS address holds a stray "%": write it as %25');
  }
}

/** Cuts everything that may be a login; what cannot be read at all may be one, too. */
function withoutLogin(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1…@");
}
