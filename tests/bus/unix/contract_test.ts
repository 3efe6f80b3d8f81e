import { UnixBus } from "../../../lib/bus/unix/unix.ts";
import { DecnetSocket } from "../../harness/decnet_socket.ts";
import { publication, take, testBusContract } from "../bus_contract.ts";
import { reaches, SHORT } from "../nats/medium.ts";

testBusContract("DECNET's socket", () => {
  const socket = DecnetSocket.start();
  const parties: UnixBus[] = [];
  return Promise.resolve({
    hasQueueGroups: false,
    join: async () => {
      const bus = new UnixBus(socket.path, { reconnectDelay: SHORT.reconnectDelay });
      parties.push(bus);
      await reaches(bus, "connected");
      return bus;
    },
    // Nothing is confirmed there, but what one client sends is handled in order.
    settle: async (bus) => {
      const own = `settled.${parties.indexOf(bus as UnixBus)}`;
      const subscription = bus.subscribe(own);
      await bus.publish([publication(own, "")]);
      await take(subscription, 1);
      await subscription.drain();
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(parties.map((bus) => bus.close()));
      await socket[Symbol.asyncDispose]();
    },
  });
});
