import assert from "assert";
import { AttackerTable } from "../../lib/store/attackers.ts";
import { after, Scratch, tag } from "./scratch.ts";

const LIMITS = { maxRows: 16, maxBytes: 1_000_000 };

Deno.test("addresses that no tag names are bounded, those sighted longest ago go first", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const attackers = new AttackerTable(store.database, LIMITS);
  for (let at = 0; at < 100; at++) {
    attackers.learn({ uuid: `a${at}`, ip: `192.0.2.${at}`, minted: true, at: after(at) });
  }
  for (const bound of Object.values(attackers.bounds)) bound.enforce();
  assert.equal(attackers.byIp("192.0.2.83"), undefined);
  assert.equal(attackers.byIp("192.0.2.84")?.uuid, "a84");
  assert.equal(attackers.bounds.addresses.takeDropped(), 84);
  // Their attackers have no address any more, and are bounded in turn.
  assert.equal(attackers.count(), 32);
});

Deno.test("a flood of addresses stays within an eighth of the bound without a poll tick", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const attackers = new AttackerTable(store.database, LIMITS);
  for (let at = 0; at < 400; at++) {
    attackers.learn({ uuid: `a${at}`, ip: `192.0.2.${at}`, minted: true, at: after(at) });
    const addresses = Number(store.database.scalar("SELECT count(*) FROM address WHERE id <> 0"));
    assert.ok(addresses <= 19, `${addresses} addresses`);
  }
});

Deno.test("an address and an identity that a tag names stay, however old they are", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const attackers = new AttackerTable(store.database, LIMITS);
  attackers.learn({ uuid: "labelled", ip: "198.51.100.1", minted: true, at: after(0) });
  attackers.setIdentity(["labelled"], "known");
  const { attackerUuid: _, ...identityTag } = tag({
    sourceKind: "identity",
    sourceId: "i",
    identityUuid: "alone",
  });
  store.tags.insert([
    tag({ attackerUuid: "labelled", attackerIp: "198.51.100.1" }),
    identityTag,
  ], after(0));
  for (let at = 1; at < 100; at++) {
    attackers.learn({ uuid: `a${at}`, ip: `192.0.2.${at}`, minted: true, at: after(at) });
    attackers.setIdentity([`other${at}`], `i${at}`);
    attackers.mergeIdentity(`m${at}`, `w${at}`);
  }
  for (const bound of Object.values(attackers.bounds)) bound.enforce();
  assert.equal(attackers.byIp("198.51.100.1")?.uuid, "labelled");
  assert.equal(attackers.byIp("198.51.100.1")?.identityUuid, "known");
  assert.equal(store.database.scalar("SELECT count(*) FROM identity WHERE uuid = 'alone'"), 1);
  assert.deepEqual(store.database.scalar("SELECT count(*) FROM pragma_foreign_key_check()"), 0);
  assert.ok(Number(store.database.scalar("SELECT count(*) FROM identity")) < 80);
});
