/**
 * Does something to a database from another process. Arguments: the file and
 * `lock` (holds the write lock until standard input ends), `write` (writes one
 * transaction after the other, each of one tag and one outbox row, and says so
 * after each commit), `churn` (writes sessions of 20 tags and one outbox row, and
 * in between deletes old tags, raises and merges;
 * says which session is committed), or `share` with a number (writes that many
 * sessions that are the same in each process, says how many tags were new, and
 * ends).
 */
import { Store } from "../../lib/store/store.ts";
import { tagUuid } from "../../lib/tagging/identity.ts";
import type { Tag } from "../../lib/tagging/tag.ts";
import { after, NOW, tag } from "./scratch.ts";

const [file = "", what, count] = Deno.args;
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
if (what === "upgrade") say("upgrading");
const store = Store.open(file);

if (what === "upgrade") {
  store.close();
} else if (what === "lock") {
  store.database.run("BEGIN IMMEDIATE");
  say("locked");
  Deno.stdin.readSync(new Uint8Array(1));
  store.database.run("ROLLBACK");
  store.close();
} else if (what === "churn") {
  for (let number = 0;; number++) churn(crypto.randomUUID(), number);
} else if (what === "share") {
  let added = 0;
  // What comes first in one process must not always come first in the other too.
  const numbers = Array.from({ length: Number(count) }, (_, number) => number)
    .sort(() => Math.random() - 0.5);
  for (let from = 0; from < numbers.length; from += 8) {
    store.transaction(() => {
      for (const number of numbers.slice(from, from + 8)) {
        const some = session(`s${number}`).map((one) => ({ ...one, uuid: tagUuid(one) }));
        added += store.tags.insert(some, NOW).length;
      }
    });
  }
  say(`${added}`);
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

/** Twenty tags of one session. */
function session(id: string, parts: Partial<Tag> = {}): readonly Tag[] {
  return Array.from(
    { length: 20 },
    (_, part) => tag({ sourceId: `${id}#cmd${part}`, sessionId: id, deckyId: "d1", ...parts }),
  );
}

function churn(id: string, number: number): void {
  store.transaction(() => {
    store.tags.insert(session(id, { identityUuid: `i${number % 3}` }), after(100));
    store.outbox.add([{ id, subject: "ttp.tagged", payload: "{}" }], NOW);
  });
  say(id);
  store.tags.insert(session(`old-${id}`, { attackerUuid: "a2" }), NOW);
  if (number % 5 === 1) store.tags.prune({ olderThan: after(1), limit: 45 });
  if (number % 7 === 2) store.attackers.mergeIdentity("i1", "i2");
  if (number % 7 === 4) {
    store.tags.bump({ ruleId: "R0058", attackerUuid: "a2", by: 0.05, ceiling: 0.95 });
  }
  if (number % 31 === 30) store.checkpoint();
}
