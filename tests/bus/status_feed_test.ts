import assert from "assert";
import { StatusFeed } from "../../lib/bus/status_feed.ts";

async function seenBy(feed: StatusFeed): Promise<readonly string[]> {
  const seen: string[] = [];
  for await (const status of feed.changes()) seen.push(status);
  return seen;
}

Deno.test("every onlooker sees the state at once, each change, and the end", async () => {
  const feed = new StatusFeed("connecting");
  const seen = [seenBy(feed), seenBy(feed)];
  for (const status of ["connected", "connected", "connecting"] as const) {
    // Onlookers are told in their own time.
    await new Promise((resolve) => setTimeout(resolve, 0));
    feed.set(status);
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  feed.set("closed");
  feed.set("connected");
  const expected = ["connecting", "connected", "connecting", "closed"];
  assert.deepEqual(await Promise.all(seen), [expected, expected]);
  assert.deepEqual(await seenBy(feed), ["closed"]);
});

Deno.test("an onlooker that looks late sees the last state", async () => {
  const feed = new StatusFeed("connecting");
  const changes = feed.changes();
  assert.equal((await changes.next()).value, "connecting");
  feed.set("connected");
  feed.set("closed");
  assert.equal((await changes.next()).value, "closed");
  assert.equal((await changes.next()).done, true);
});
