import type { Payload } from "./event.ts";
import { isObject, listField, textField } from "./payload.ts";

/** What a session says of each thing that happened in it, so that rules for commands and requests can ask for it. */
export type InheritedFields = Readonly<Record<string, string>>;

const NAMES = ["attacker_ip", "decky_id", "service", "username"] as const;

/**
 * The fields of a session that its children have too. The user name is that of the
 * last login that succeeded, where the session itself names none.
 */
export function inheritedFields(session: Payload): InheritedFields {
  const values: Readonly<Record<typeof NAMES[number], string | undefined>> = {
    attacker_ip: textField(session, "attacker_ip") ?? textField(session, "src_ip"),
    decky_id: textField(session, "decky_id"),
    service: textField(session, "service"),
    username: textField(session, "username") ?? loggedInAs(session),
  };
  const present = NAMES.filter((name) => values[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, values[name]!]));
}

function loggedInAs(session: Payload): string | undefined {
  const success = listField(session, "auth_attempts").findLast((attempt) =>
    isObject(attempt) && attempt["result"] === "success"
  );
  return isObject(success) ? textField(success, "username") : undefined;
}

/** A child's payload with what its session says; what the child says itself counts, where it is a text. */
export function withInherited(payload: Payload, inherited: InheritedFields): Payload {
  const missing = Object.keys(inherited).filter((name) => textField(payload, name) === undefined);
  if (missing.length === 0) return payload;
  const whole: Record<string, unknown> = { ...payload };
  for (const name of missing) whole[name] = inherited[name];
  return whole;
}
