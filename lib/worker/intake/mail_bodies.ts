import { join } from "node:path";
import PostalMime from "postal-mime";
import type { BusMessage } from "../../bus/bus.ts";
import { decodeEnvelope, type Envelope } from "../../bus/envelope.ts";
import { largestBase64Bytes } from "../../tagging/base64_run.ts";
import type { Payload } from "../../tagging/event.ts";
import { numberField, textField } from "../../tagging/payload.ts";

/** Larger messages are not read, in bytes. */
const MAX_MAIL_BYTES = 25 * 1024 * 1024;

/**
 * Most of a message that is parsed: 2 MiB, 30,000 lines, 2,000 lines that may
 * begin a part. The body stands before the attachments; and the parser needs half
 * a kilobyte for each line and more for each part, so that 25 MiB of the shortest
 * would take all of a sensor's memory.
 */
const MAX_PARSED_BYTES = 2 * 1024 * 1024;
const MAX_LINES = 30_000;
const MAX_PART_LINES = 2000;

/** Most of a body that is looked at, in UTF-16 units. */
const MAX_BODY = 1024 * 1024;

/**
 * Most of a body that goes into the event, in UTF-16 units: words are searched
 * in no more, and the event may have to be kept until its attacker is known.
 */
const MAX_BODY_TEXT = 64 * 1024;

/** A name without a path in it, that no shell or file system takes for anything else. */
const PLAIN_NAME_REGEXP = /^[A-Za-z0-9_][A-Za-z0-9._@=+,-]{0,254}$/;

const MAIL_SUBJECT = "email.received";

/**
 * Reads the bodies of mails that honeypots have stored, for events that do not
 * carry them. What an event says about the place is hostile: only plain names
 * below the one folder are followed, and whatever goes wrong means "no body".
 */
export class MailBodies {
  readonly #root: string;

  /** @param root folder of the honeypots' artifacts: `<root>/<decky_id>/smtp/<stored_as>` */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Gives the event of a mail its body.
   *
   * @returns the same message where there is nothing to add
   */
  async complete(message: BusMessage): Promise<BusMessage> {
    if (message.subject !== MAIL_SUBJECT) return message;
    const decoded = decodeEnvelope(message.data);
    if (!decoded.ok || textField(decoded.envelope.payload, "body_text") !== undefined) {
      return message;
    }
    const body = await this.bodyOf(decoded.envelope.payload);
    return body === undefined ? message : withBody(message, decoded.envelope, body);
  }

  /** The body of the mail that an event is about, as text. */
  async bodyOf(payload: Payload): Promise<string | undefined> {
    const path = this.#pathOf(payload);
    if (path === undefined) return undefined;
    try {
      // Links are followed first, so that none leads out of the folder.
      const [root, real] = [await Deno.realPath(this.#root), await Deno.realPath(path)];
      if (!real.startsWith(`${root}/`)) return undefined;
      const { size, isFile } = await Deno.stat(real);
      if (!isFile || size > MAX_MAIL_BYTES) return undefined;
      const { text, html } = await PostalMime.parse(parsedPart(await beginningOf(real)));
      const body = text?.trim() ? text : html;
      return body?.trim() ? body.slice(0, MAX_BODY) : undefined;
    } catch {
      return undefined;
    }
  }

  #pathOf(payload: Payload): string | undefined {
    const decky = textField(payload, "decky_id");
    const stored = textField(payload, "stored_as");
    if (decky === undefined || stored === undefined) return undefined;
    if (!PLAIN_NAME_REGEXP.test(decky) || !PLAIN_NAME_REGEXP.test(stored)) return undefined;
    return join(this.#root, decky, "smtp", stored);
  }
}

async function beginningOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(Math.min((await file.stat()).size, MAX_PARSED_BYTES));
  let filled = 0;
  while (filled < bytes.length) {
    const read = await file.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

/** The message as far as parsing it stays cheap. */
function parsedPart(mail: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let lines = 0;
  let partLines = 0;
  for (let start = 0; start < mail.length;) {
    if (mail[start] === HYPHEN && mail[start + 1] === HYPHEN) partLines++;
    if (++lines > MAX_LINES || partLines > MAX_PART_LINES) return mail.subarray(0, start);
    const end = mail.indexOf(LINE_FEED, start);
    start = end < 0 ? mail.length : end + 1;
  }
  return mail;
}

const HYPHEN = 0x2d;
const LINE_FEED = 0x0a;

/** The message as if its producer had sent the body along, and measured what is encoded in it. */
function withBody(message: BusMessage, envelope: Envelope, body: string): BusMessage {
  const { v, id, type, ts, payload } = envelope;
  const encodedBytes = Math.max(
    numberField(payload, "body_base64_bytes") ?? 0,
    largestBase64Bytes(body),
  );
  const data = new TextEncoder().encode(JSON.stringify({
    v,
    id,
    type,
    ts,
    payload: {
      ...payload,
      ...(encodedBytes > 0 && { body_base64_bytes: encodedBytes }),
      body_text: body.slice(0, MAX_BODY_TEXT),
    },
  }));
  return {
    subject: message.subject,
    data,
    ...(message.delivery !== undefined && { delivery: message.delivery }),
    ack: () => message.ack(),
    nak: (delayMs) => message.nak(delayMs),
    term: (reason) => message.term(reason),
    working: () => message.working(),
  };
}
