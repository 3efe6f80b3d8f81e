import assert from "assert";
import { Store } from "../../lib/store/store.ts";
import type { Tag } from "../../lib/tagging/tag.ts";
import { directoryWith, runCaptured } from "../cli/captured_run.ts";

/** When the first tag of a test is written; the others follow, one a second. */
export const FIRST = new Date("2026-05-02T01:00:00.000Z");

/** Puts tags into a fresh database and makes a report of it with the program. */
export async function reported(tags: readonly Tag[], ...args: readonly string[]): Promise<string> {
  using files = directoryWith({});
  const db = `${files.path}/t.db`;
  {
    using store = Store.open(db);
    store.attackers.learn({ uuid: "a1", ip: "192.0.2.10", at: FIRST });
    for (const [index, tag] of tags.entries()) {
      store.tags.insert([tag], new Date(FIRST.getTime() + index * 1000));
    }
  }
  const { code, out, err } = await runCaptured(["report", ...args, "--db", db]);
  assert.equal(code, 0, err);
  assert.equal(err, "");
  return out;
}
