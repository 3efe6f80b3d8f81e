import assert from "assert";
import { HeldMessage } from "../../../lib/worker/pipeline/held_message.ts";
import { RecordedMessage, session } from "./recorded_message.ts";

/** Whether a message with so many bytes that are no event is processed alone. */
function isAlone(bytes: number, deliveries?: number): boolean {
  const message = new RecordedMessage([], "m", new Uint8Array(bytes).fill("{".charCodeAt(0)));
  if (deliveries !== undefined) message.delivery = { key: "STREAM.1", count: deliveries };
  return new HeldMessage(message).isAlone;
}

Deno.test("a message above 64 KiB is processed alone, even if it is no event", () => {
  assert.deepEqual([isAlone(65_536), isAlone(65_537)], [false, true]);
});

Deno.test("a message is processed alone from its second delivery on", () => {
  assert.deepEqual([isAlone(9), isAlone(9, 1), isAlone(9, 2)], [false, false, true]);
});

Deno.test("an event of more than 200 commands is processed alone", () => {
  const held = (count: number) =>
    new HeldMessage(
      new RecordedMessage([], "m", session("s1", { commands: Array(count).fill("ls") })),
    );
  assert.deepEqual([held(200).isAlone, held(201).isAlone], [false, true]);
});
