import { headers, type PublishOptions } from "nats/core";

/** What a header with an id takes besides the id itself. */
export const MSG_ID_HEADER_BYTES: number = "NATS/1.0\r\nNats-Msg-Id: \r\n\r\n".length;

/** Options of the client library that send an id, by which streams and consumers drop repeats. */
export function withMsgId(msgId: string | undefined): PublishOptions {
  if (msgId === undefined) return {};
  const sent = headers();
  sent.append("Nats-Msg-Id", msgId);
  return { headers: sent };
}
