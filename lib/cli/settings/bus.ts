import type { NatsSettings } from "../../bus/nats/settings.ts";
import { switchSetting, textSetting } from "./kinds.ts";
import type { SettingValues } from "./settings.ts";

/** Where NATS is and how to log in. Secrets come from files or the environment, never from a flag: flags stand in process lists. */
export const BUS_SETTINGS = {
  natsUrl: textSetting({
    flag: "--nats-url <url>",
    env: "DECNET_NATS_URL",
    description: "NATS servers, comma separated; tls:// insists on TLS",
    fallback: "nats://127.0.0.1:4222",
    hasSecret: (text) => text.includes("@"),
  }),
  natsUser: textSetting({
    flag: "--nats-user <name>",
    env: "DECNET_NATS_USER",
    description: "user name",
  }),
  natsPassword: textSetting({
    env: "DECNET_NATS_PASSWORD",
    description: "password",
    secret: true,
  }),
  natsPasswordFile: textSetting({
    flag: "--nats-password-file <file>",
    env: "DECNET_NATS_PASSWORD_FILE",
    description: "file with the password",
  }),
  natsToken: textSetting({ env: "DECNET_NATS_TOKEN", description: "token", secret: true }),
  natsTokenFile: textSetting({
    flag: "--nats-token-file <file>",
    env: "DECNET_NATS_TOKEN_FILE",
    description: "file with the token",
  }),
  natsNkey: textSetting({
    flag: "--nats-nkey <file>",
    env: "DECNET_NATS_NKEY",
    description: "file with the seed of a user nkey",
  }),
  natsCreds: textSetting({
    flag: "--nats-creds <file>",
    env: "DECNET_NATS_CREDS",
    description: "credentials file as nsc writes it",
  }),
  natsCa: textSetting({
    flag: "--nats-ca <file>",
    env: "DECNET_NATS_CA",
    description: "PEM file of the authority behind the server's certificate",
  }),
  natsCert: textSetting({
    flag: "--nats-cert <file>",
    env: "DECNET_NATS_CERT",
    description: "PEM file of the client's certificate",
  }),
  natsKey: textSetting({
    flag: "--nats-key <file>",
    env: "DECNET_NATS_KEY",
    description: "PEM file of that certificate's private key",
  }),
  natsTlsFirst: switchSetting({
    flag: "--nats-tls-first",
    env: "DECNET_NATS_TLS_FIRST",
    description: "TLS handshake before the server says anything",
  }),
  busPrefix: textSetting({
    flag: "--bus-prefix <prefix>",
    env: "DECNET_BUS_PREFIX",
    description: "put before every subject, on servers that deployments share",
  }),
};

/** The settings as the bus takes them. */
export function natsSettings(values: SettingValues<typeof BUS_SETTINGS>): NatsSettings {
  const named = {
    user: values.natsUser,
    password: values.natsPassword,
    passwordFile: values.natsPasswordFile,
    token: values.natsToken,
    tokenFile: values.natsTokenFile,
    nkeySeedFile: values.natsNkey,
    credsFile: values.natsCreds,
    caFile: values.natsCa,
    certFile: values.natsCert,
    keyFile: values.natsKey,
  };
  const given = Object.fromEntries(
    Object.entries(named).filter(([, value]) => value !== undefined),
  );
  return {
    servers: values.natsUrl ?? "",
    ...given,
    ...(values.natsTlsFirst && { tlsFirst: true }),
  };
}
