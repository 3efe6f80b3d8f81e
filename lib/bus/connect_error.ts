import { BusError } from "./bus.ts";

/** No server could be used. */
export class ConnectError extends BusError {
  override readonly name = "ConnectError";

  /**
   * @param message the reason of each server
   * @param isAbsence whether nobody was there, rather than somebody who refused
   */
  constructor(message: string, readonly isAbsence: boolean) {
    super(message);
  }
}
