import { Buffer } from "node:buffer";
import { nkeys } from "nats/core";

/** What a server and a user need for a login with a `.creds` file. */
export interface JwtLogin {
  /** Lines for the server's configuration. */
  readonly config: string;
  /** Text of a `.creds` file. */
  readonly creds: string;
}

type Key = ReturnType<typeof nkeys.createUser>;

/** Makes an operator with one account and one user, as `nsc` would. */
export function jwtLogin(): JwtLogin {
  const [operator, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const operatorJwt = sign(operator, operator, { type: "operator", version: 2 });
  const limits = { subs: -1, conn: -1, leaf: -1, data: -1, payload: -1, wildcards: true };
  const accountJwt = sign(operator, account, { type: "account", version: 2, limits });
  const userJwt = sign(account, user, {
    type: "user",
    version: 2,
    subs: -1,
    data: -1,
    payload: -1,
  });
  return {
    config: [
      `operator: "${operatorJwt}"`,
      "resolver: MEMORY",
      `resolver_preload: { ${account.getPublicKey()}: "${accountJwt}" }`,
    ].join("\n"),
    creds: [
      "-----BEGIN NATS USER JWT-----",
      userJwt,
      "------END NATS USER JWT------",
      "",
      "-----BEGIN USER NKEY SEED-----",
      new TextDecoder().decode(user.getSeed()),
      "------END USER NKEY SEED------",
      "",
    ].join("\n"),
  };
}

function sign(issuer: Key, subject: Key, nats: Readonly<Record<string, unknown>>): string {
  const head = part({ typ: "JWT", alg: "ed25519-nkey" });
  const body = part({
    jti: subject.getPublicKey(),
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    nats,
  });
  const text = `${head}.${body}`;
  const signature = issuer.sign(new TextEncoder().encode(text));
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
