import { createHash } from "node:crypto";
import type { Payload } from "../../tagging/event.ts";
import { instantOf } from "../../tagging/observed_at.ts";
import { textField } from "../../tagging/payload.ts";
import type { EventLine } from "../event_line.ts";
import type { Line, Place } from "../lines.ts";

/**
 * Entries after which a session is handed over in pieces, so that a bot that
 * types for days needs no more memory than any other.
 */
const MAX_ENTRIES = 2000;

/**
 * What a Cowrie log has said so far of one session. Ids of commands, attempts and
 * payloads come from what the log says of each and when, not from their number:
 * a session that is read in pieces, over rotated files or again, gives the same.
 */
export class CowrieSession {
  /** Where in the log it begins. */
  readonly from: Place;
  /** Line of the log that spoke of it last. */
  lastLine: number;
  /** Whether the log says that it is over. */
  closed = false;
  /** Characters that are kept of it. */
  size = 0;
  readonly #id: string;
  #lastMs: number | undefined;
  readonly #facts: Record<string, unknown> = {};
  #commands: Payload[] = [];
  #attempts: Payload[] = [];
  #payloads: Payload[] = [];
  #ids = new Map<string, number>();
  #factsSize = 0;

  /**
   * @param id Cowrie's name of the session
   * @param line its first line
   */
  constructor(id: string, { start, number }: Pick<Line, "start" | "number">) {
    this.#id = id;
    this.from = { offset: start, lines: number - 1 };
    this.lastLine = number;
  }

  /** Whether it should be handed over although it is not over. */
  get isFull(): boolean {
    return this.#commands.length + this.#attempts.length + this.#payloads.length >= MAX_ENTRIES;
  }

  /** Adds what one entry of the log says. */
  add(entry: Payload): void {
    this.#learn("attacker_ip", entry, "src_ip");
    this.#learn("decky_id", entry, "sensor");
    this.#learn("service", entry, "protocol");
    const ts = textField(entry, "timestamp");
    this.#lastMs = instantOf(ts) ?? this.#lastMs;
    switch (entry["eventid"]) {
      case "cowrie.command.input":
        return this.#keep(this.#commands, "cmd", ts, { command_text: entry["input"] });
      case "cowrie.login.failed":
        return this.#attempt(entry, ts, "failure");
      case "cowrie.login.success":
        return this.#attempt(entry, ts, "success");
      case "cowrie.client.kex":
        return this.#learn("hassh", entry, "hassh");
      case "cowrie.session.file_download":
      case "cowrie.session.file_upload":
        return this.#keep(this.#payloads, "payload", ts, {
          sha256: entry["shasum"],
          url: entry["url"],
          filename: entry["filename"] ?? entry["destfile"],
        });
      case "cowrie.session.closed":
        this.closed = true;
        this.#facts["ended_at"] = ts;
        this.#facts["duration_s"] = seconds(entry["duration"]);
    }
  }

  /** Begins the next piece, of which the facts are known already. */
  begin(): void {
    this.#commands = [];
    this.#attempts = [];
    this.#payloads = [];
    this.#ids = new Map();
    this.size = this.#factsSize;
  }

  /** The bus events that say the same. */
  events(): readonly EventLine[] {
    const payload = {
      session_id: this.#id,
      ...this.#facts,
      commands: this.#commands,
      auth_attempts: this.#attempts,
      payloads: this.#payloads,
    };
    const time = this.#lastMs === undefined ? {} : { ts: this.#lastMs / 1000 };
    const session = { subject: "attacker.session.ended", type: "session.ended", ...time, payload };
    const { hassh, attacker_ip, decky_id, service } = this.#facts;
    if (typeof hassh !== "string") return [session];
    const source_id = `${this.#id}#hassh`;
    return [
      {
        subject: "attacker.fingerprinted",
        type: "hassh",
        ...time,
        payload: { source_id, session_id: this.#id, attacker_ip, decky_id, service, hassh },
      },
      session,
    ];
  }

  #learn(field: string, entry: Payload, from: string): void {
    const text = textField(entry, from);
    if (text === undefined || this.#facts[field] !== undefined) return;
    this.#facts[field] = text;
    this.#factsSize += text.length;
    this.size += text.length;
  }

  #attempt(entry: Payload, ts: string | undefined, result: string): void {
    const { username, password } = entry;
    this.#keep(this.#attempts, "auth", ts, { username, password, result });
  }

  #keep(list: Payload[], kind: string, ts: string | undefined, entry: Payload): void {
    const text = JSON.stringify([kind, ts, entry]);
    const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
    // The same thing twice at the same microsecond is still two things.
    const before = this.#ids.get(digest) ?? 0;
    this.#ids.set(digest, before + 1);
    const id = `${this.#id}#${kind}-${digest}${before === 0 ? "" : `-${before}`}`;
    list.push({ id, ...(ts !== undefined && { ts }), ...entry });
    this.size += text.length + id.length;
  }
}

/** Older versions of Cowrie write numbers as texts. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number.parseFloat(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
