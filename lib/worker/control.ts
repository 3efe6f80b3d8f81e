import { getLogger } from "@logtape/logtape";
import type { Bus, BusMessage, BusSubscription } from "../bus/bus.ts";
import { decodeEnvelope } from "../bus/envelope.ts";
import { CONTROL } from "../bus/subjects.ts";
import { textField } from "../tagging/payload.ts";
import type { UntrustedOrders } from "./untrusted_orders.ts";

const log = getLogger(["ttp", "control"]);

/**
 * Listens for orders from the bus. The only one there is says
 * `{"action":"stop"}`; others are ignored, so that newer controllers do no harm.
 *
 * @param stop called with a sentence that says who asked
 * @param untrusted counts the orders instead; they are obeyed when absent
 * @returns the subscription, to be drained at the end
 */
export function listenForControl(
  bus: Bus,
  stop: (reason: string) => void,
  untrusted: UntrustedOrders | undefined,
): BusSubscription {
  const subscription = bus.subscribe(CONTROL);
  void (async () => {
    for await (const message of subscription) {
      if (untrusted === undefined) obey(message, stop);
      else untrusted.refuse(CONTROL);
    }
  })();
  return subscription;
}

function obey(message: BusMessage, stop: (reason: string) => void): void {
  const decoded = decodeEnvelope(message.data);
  const payload = decoded.ok ? decoded.envelope.payload : {};
  const action = textField(payload, "action");
  if (action !== "stop") {
    log.debug("control message with action {action} ignored", { action });
    return;
  }
  const by = textField(payload, "requested_by")?.slice(0, 100) ?? "someone unnamed";
  stop(`${JSON.stringify(by)} asked for it on ${CONTROL}`);
}
