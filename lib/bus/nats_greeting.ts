import { connect } from "node:net";
import { BusError } from "./bus.ts";
import { addressText, type NatsAddress } from "./nats_settings.ts";

/** What every NATS server says first. */
const GREETING = "INFO ";

/** How much of a wrong greeting is shown. */
const SHOWN_CHARACTERS = 20;

/**
 * Makes sure that a NATS server answers at an address, and says what does
 * instead. The client library reads on and on from a port that speaks another
 * protocol, and keeps the socket when one says nothing at all.
 *
 * @param timeoutMs for connecting and the first bytes together
 * @param signal gives up at once
 * @throws {BusError} when nothing answers, or something else than a NATS server
 */
export async function awaitGreeting(
  address: NatsAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const at = addressText(address);
  const result = Promise.withResolvers<void>();
  const fail = (message: string) => result.reject(new BusError(message));
  const socket = connect({ host: address.host, port: address.port });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const timer = setTimeout(
    () => fail(`${at} does not answer as a NATS server within ${timeoutMs / 1000} s`),
    timeoutMs,
  );
  const giveUp = () => fail("given up, since the bus is closed");
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  let heard = "";
  socket.on("data", (bytes: Uint8Array) => {
    heard += new TextDecoder("latin1").decode(bytes.subarray(0, SHOWN_CHARACTERS));
    if (heard.startsWith(GREETING)) result.resolve();
    else if (heard.length >= GREETING.length) {
      const shown = JSON.stringify(heard.slice(0, SHOWN_CHARACTERS));
      fail(`what answers at ${at} is not a NATS server: it says ${shown}`);
    }
  });
  socket.on("error", (error: Error & { code?: string }) => fail(`${at}: ${reasonOf(error)}`));
  socket.on("end", () => fail(`${at} closes the connection without a greeting`));
  try {
    await result.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    socket.destroy();
    await closed;
  }
}

/** Says in plain words why a network connection failed. */
export function reasonOf(error: Error & { readonly code?: string }): string {
  return REASONS[error.code ?? error.name] ?? (error.message || error.name);
}

const REASONS: Readonly<Record<string, string>> = {
  AuthorizationError: "the server refuses the login",
  TimeoutError: "no answer to the login in time",
  ECONNREFUSED: "connection refused; is a server running there?",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name cannot be looked up now",
  ETIMEDOUT: "no answer from the host",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ECONNRESET: "connection reset by the server; it may demand a client certificate",
  EPIPE: "connection closed by the server; it may demand a client certificate",
  EPERM: "connection closed by the server; it may demand a client certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server's certificate is not signed by a known authority; name its CA file",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed; name it as the CA file",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the server's certificate is not signed by a known authority; name its CA file",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host name",
};
