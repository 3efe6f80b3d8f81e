/**
 * Does something to a database from another process. Arguments: the file and
 * `lock` (holds the write lock until standard input ends), or `write` (writes
 * one transaction after the other, each of one tag and one outbox row, and says
 * so after each commit).
 */
import { Store } from "../../lib/store/store.ts";
import { NOW, tag } from "./scratch.ts";

const [file = "", what] = Deno.args;
const store = Store.open(file);
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

if (what === "lock") {
  store.database.run("BEGIN IMMEDIATE");
  say("locked");
  Deno.stdin.readSync(new Uint8Array(1));
  store.database.run("ROLLBACK");
  store.close();
} else {
  while (true) {
    const one = tag();
    store.transaction(() => {
      store.tags.insert([one], NOW);
      store.outbox.add([{ id: one.uuid, subject: "ttp.tagged", payload: "{}" }], NOW);
    });
    say(one.uuid);
  }
}
