import { getLogger } from "@logtape/logtape";
import { Progress } from "./output/progress.ts";
import type { Terminal } from "./output/terminal.ts";

const log = getLogger(["ttp", "store"]);

/** Parts of the work after which a service says how far it is. */
const LOGGED_PARTS = 10;

/**
 * Shows how much of an older database is brought up to date: as a bar on a
 * terminal, and as lines of the log of who writes one.
 *
 * @param path of the database
 * @returns for `onUpgrade` of `Store.open`
 */
export function upgradeProgress(terminal: Terminal, path: string): (share: number) => void {
  let bar: Progress | undefined;
  let total = 0;
  let logged = -1;
  return (share) => {
    if (bar === undefined) {
      total = Deno.statSync(path).size;
      bar = new Progress(terminal, total);
    }
    bar.show(share * total, "bringing the database up to date");
    const part = Math.floor(share * LOGGED_PARTS);
    if (part > logged) {
      logged = part;
      const percent = Math.floor(share * 100);
      log.info("database {path} is brought up to date: {percent} %", { path, percent });
    }
    if (share >= 1) bar[Symbol.dispose]();
  };
}
