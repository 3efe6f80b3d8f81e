import assert from "assert";
import { join } from "node:path";
import type { Payload } from "../../../lib/tagging/event.ts";
import { MailBodies } from "../../../lib/worker/intake/mail_bodies.ts";

const HEADER = "Subject: hi\r\nContent-Type: text/plain\r\n\r\n";
const PLAIN = `${HEADER}please wire transfer\r\n`;
const HTML = "Subject: hi\r\nContent-Type: text/html\r\n\r\n<p>gift cards</p>\r\n";
const BOTH = [
  "Content-Type: multipart/alternative; boundary=b",
  "",
  "--b",
  "Content-Type: text/html",
  "",
  "<p>the html part</p>",
  "--b",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: base64",
  "",
  btoa("the plain part"),
  "--b--",
  "",
].join("\r\n");

/** More text than an event takes, then 6,042 bytes in base64, folded as mail programs do. */
const ENCODED = `${HEADER}${"words and words\r\n".repeat(6000)}\r\n${
  "QUJD".repeat(19).concat("\r\n").repeat(106)
}`;

async function withMails(
  work: (mails: MailBodies, root: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const root = join(folder, "artifacts");
  const smtp = join(root, "mail-01", "smtp");
  await Deno.mkdir(smtp, { recursive: true });
  await Deno.writeTextFile(join(smtp, "plain.eml"), PLAIN);
  await Deno.writeTextFile(join(smtp, "html.eml"), HTML);
  await Deno.writeTextFile(join(smtp, "both.eml"), BOTH);
  await Deno.writeTextFile(join(smtp, "encoded.eml"), ENCODED);
  await Deno.writeTextFile(join(smtp, "empty.eml"), "");
  await Deno.writeFile(join(smtp, "noise.eml"), crypto.getRandomValues(new Uint8Array(5000)));
  await Deno.writeTextFile(join(folder, "outside.eml"), PLAIN);
  await Deno.symlink(join(folder, "outside.eml"), join(smtp, "link.eml"));
  await Deno.symlink(smtp, join(root, "linked"));
  await Deno.mkdir(join(smtp, "folder.eml"));
  const large = await Deno.create(join(smtp, "large.eml"));
  await large.truncate(25 * 1024 * 1024 + 1);
  large.close();
  try {
    await work(new MailBodies(root), root);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const STORED: readonly [stored: string, body: RegExp][] = [
  ["plain.eml", /^please wire transfer/],
  ["html.eml", /gift cards/],
  ["both.eml", /^the plain part/],
];

Deno.test("MailBodies reads the text of a stored mail, plain text before HTML", async () => {
  await withMails(async (mails) => {
    for (const [stored_as, body] of STORED) {
      assert.match(await mails.bodyOf({ decky_id: "mail-01", stored_as }) ?? "", body, stored_as);
    }
  });
});

const REFUSED: readonly Payload[] = [
  { decky_id: "mail-01", stored_as: "missing.eml" },
  { decky_id: "mail-01", stored_as: "empty.eml" },
  { decky_id: "mail-01", stored_as: "folder.eml" },
  { decky_id: "mail-01", stored_as: "large.eml" },
  { decky_id: "mail-01", stored_as: "link.eml" },
  { decky_id: "mail-01", stored_as: "../../../outside.eml" },
  { decky_id: "mail-01", stored_as: "/etc/passwd" },
  { decky_id: "mail-01", stored_as: "plain.eml\0.txt" },
  { decky_id: "..", stored_as: "plain.eml" },
  { decky_id: ".", stored_as: "plain.eml" },
  { decky_id: "mail-01/smtp/..", stored_as: "plain.eml" },
  { decky_id: "", stored_as: "plain.eml" },
  { decky_id: ["mail-01"], stored_as: { toString: 1 } },
  { stored_as: "plain.eml" },
  { decky_id: "mail-01" },
  { decky_id: "m".repeat(10_000), stored_as: "plain.eml" },
];

Deno.test("MailBodies follows no name out of its folder, and takes every failure for no body", async () => {
  await withMails(async (mails) => {
    for (const payload of REFUSED) {
      assert.equal(await mails.bodyOf(payload), undefined, JSON.stringify(payload));
    }
    await mails.bodyOf({ decky_id: "mail-01", stored_as: "noise.eml" });
  });
});

Deno.test("MailBodies completes an event without a body and leaves every other as it is", async () => {
  await withMails(async (mails) => {
    const acks: string[] = [];
    const messageOf = (subject: string, payload: unknown) => ({
      subject,
      data: new TextEncoder().encode(JSON.stringify({ v: 1, id: "e1", payload })),
      ack: () => acks.push("ack"),
      nak: () => acks.push("nak"),
      term: () => acks.push("term"),
      working: () => acks.push("working"),
    });
    const place = { decky_id: "mail-01", stored_as: "plain.eml" };
    const mail = messageOf("email.received", { source_id: "m1", ...place });
    const completed = await mails.complete(mail);
    const { id, payload } = JSON.parse(new TextDecoder().decode(completed.data));
    assert.deepEqual([id, payload.source_id], ["e1", "m1"]);
    assert.match(payload.body_text, /^please wire transfer/);
    completed.working();
    completed.ack();
    completed.nak(1);
    completed.term("x");
    assert.deepEqual(acks, ["working", "ack", "nak", "term"]);

    for (
      const other of [
        messageOf("email.received", { ...place, body_text: "its own" }),
        messageOf("email.received", {}),
        messageOf("attacker.session.ended", place),
        { ...mail, data: new Uint8Array([0xff]) },
      ]
    ) {
      assert.equal(await mails.complete(other), other);
    }
  });
});

Deno.test("MailBodies cuts a long body and still measures what is encoded behind the cut", async () => {
  await withMails(async (mails) => {
    const measuredWith = async (fields: Payload) => {
      const event = { decky_id: "mail-01", stored_as: "encoded.eml", ...fields };
      const { data } = await mails.complete({
        subject: "email.received",
        data: new TextEncoder().encode(JSON.stringify({ v: 1, id: "e1", payload: event })),
        ack: () => {},
        nak: () => {},
        term: () => {},
        working: () => {},
      });
      return JSON.parse(new TextDecoder().decode(data)).payload;
    };
    const payload = await measuredWith({});
    assert.equal(payload.body_text.length, 64 * 1024);
    assert.equal(payload.body_base64_bytes, 106 * 57);
    assert.equal((await measuredWith({ body_base64_bytes: 9000 })).body_base64_bytes, 9000);
    assert.equal((await measuredWith({ body_base64_bytes: "many" })).body_base64_bytes, 106 * 57);
  });
});

const FLOODS: readonly [name: string, mail: string][] = [
  ["the shortest lines", `\r\n${"a\n".repeat(1_000_000)}`],
  [
    "the smallest parts",
    `Content-Type: multipart/mixed; boundary=b\n\n--b\n\nthe text\n${"--b\n\n".repeat(500_000)}`,
  ],
  [
    "parts inside parts",
    "Content-Type: multipart/mixed; boundary=b\n\n" +
    "--b\nContent-Type: multipart/mixed; boundary=b\n\n".repeat(100_000),
  ],
];

for (const [name, mail] of FLOODS) {
  Deno.test(`MailBodies reads only as much of a mail of ${name} as costs little`, async () => {
    await withMails(async (mails, root) => {
      await Deno.writeTextFile(join(root, "mail-01", "smtp", "flood.eml"), mail);
      const body = await mails.bodyOf({ decky_id: "mail-01", stored_as: "flood.eml" });
      assert.ok((body?.length ?? 0) < 64 * 1024);
    });
  });
}
