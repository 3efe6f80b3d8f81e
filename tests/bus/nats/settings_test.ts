import assert from "assert";
import fc from "fast-check";
import { NatsBus } from "../../../lib/bus/nats/nats.ts";
import { redact } from "../../../lib/bus/nats/login.ts";
import { addressText, BusSettingsError, parseTarget } from "../../../lib/bus/nats/settings.ts";
import { SubjectError } from "../../../lib/bus/subjects.ts";

const target = (servers: string) => parseTarget({ servers });

for (
  const [text, addresses, tls] of [
    ["nats://127.0.0.1:4333", ["127.0.0.1:4333"], false],
    ["nats://hub.example", ["hub.example:4222"], false],
    ["hub.example", ["hub.example:4222"], false],
    ["hub.example:1", ["hub.example:1"], false],
    ["tls://hub.example/", ["hub.example:4222"], true],
    ["NATS://a, tls://b:2 ,c:3", ["a:4222", "b:2", "c:3"], true],
    ["nats://[::1]:5", ["[::1]:5"], false],
    ["nats://[2001:db8::1]", ["[2001:db8::1]:4222"], false],
  ] as const
) {
  Deno.test(`${text} is an address`, () => {
    const parsed = target(text);
    assert.deepEqual(parsed.servers.map(addressText), addresses);
    assert.equal(parsed.tls, tls);
    assert.equal(parsed.login, undefined);
  });
}

Deno.test("credentials in an address are taken out of it", () => {
  assert.deepEqual(target("nats://u:p%40ss@a,b").login, { user: "u", password: "p@ss" });
  assert.deepEqual(target("nats://s3cr3t@a").login, { token: "s3cr3t" });
  assert.deepEqual(target("nats://u:p@a,nats://u:p@b").login, { user: "u", password: "p" });
});

for (
  const text of [
    "",
    " , ",
    "bogus://",
    "bogus://a:1",
    "http://a:4222",
    "ws://a",
    "nats://",
    "nats://:4222",
    "nats://a:port",
    "nats://a:99999",
    "nats://a:0",
    "nats://a/path",
    "nats://a?x=1",
    "nats://a b",
    "nats://u:p@a,nats://u:q@b",
    "nats://u:%zz@a",
  ]
) {
  Deno.test(`${JSON.stringify(text)} is no address`, () => {
    assert.throws(() => target(text), BusSettingsError);
    assert.throws(() => new NatsBus({ servers: text }), BusSettingsError);
  });
}

Deno.test("an address that cannot be read does not show its credentials", () => {
  const password = fc.stringMatching(/^[a-z]{12}$/);
  const broken = fc.constantFrom("nats://u:P@h:x", "bogus://u:P@h", "nats://P@h/x", "u:P@h h");
  fc.assert(fc.property(broken, password, (text, secret) => {
    assert.throws(() => target(text.replace("P", secret)), (error: unknown) => {
      assert.ok(error instanceof BusSettingsError);
      assert.ok(!error.message.includes(secret), error.message);
      return true;
    });
  }));
});

Deno.test("secrets are taken out of what others say", () => {
  assert.equal(redact("bad login hunter2, hunter2", ["hunter2", ""]), "bad login …, …");
});

Deno.test("no text makes the reader of addresses throw anything else", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    try {
      target(text);
    } catch (error) {
      assert.ok(error instanceof BusSettingsError);
    }
  }));
});

/** Settings that contradict themselves or lack a part, with a word of the message. */
const CONTRADICTIONS = [
  [{ user: "u" }, /both the user and the password/],
  [{ password: "p" }, /both the user and the password/],
  [{ user: "u", password: "p", token: "t" }, /more than one NATS login/],
  [{ token: "t", tokenFile: "/f" }, /cannot read the NATS token from \/f/],
  [{ certFile: "/c" }, /needs both/],
  [{ keyFile: "/k" }, /needs both/],
  [{ nkeySeedFile: "/nonexistent" }, /cannot read the NATS nkey seed from \/nonexistent/],
  [{ credsFile: "/nonexistent" }, /cannot read the NATS credentials/],
  [{ caFile: "/nonexistent" }, /cannot read the NATS CA certificate/],
  [{ passwordFile: "/nonexistent", user: "u" }, /cannot read the NATS password/],
] as const;

for (const [settings, message] of CONTRADICTIONS) {
  Deno.test(`settings ${JSON.stringify(settings)} are refused`, () => {
    assert.throws(
      () => new NatsBus({ servers: "nats://127.0.0.1:1", ...settings }),
      (error: unknown) => error instanceof BusSettingsError && message.test(error.message),
    );
  });
}

Deno.test("files that do not hold what they should are refused without being quoted", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "topsecretbutwrong");
    for (const key of ["nkeySeedFile", "credsFile", "caFile"]) {
      assert.throws(
        () => new NatsBus({ servers: "nats://127.0.0.1:1", [key]: file }),
        (error: unknown) => {
          assert.ok(error instanceof BusSettingsError);
          assert.ok(error.message.includes(file));
          assert.ok(!error.message.includes("topsecret"));
          return true;
        },
      );
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a prefix that cannot stand in a subject is refused", () => {
  for (const prefix of ["a.", "*", "a b"]) {
    assert.throws(() => new NatsBus({ servers: "nats://127.0.0.1:1" }, { prefix }), SubjectError);
  }
});
