import type { Attacker } from "../../../store/attackers.ts";
import { idField, isObject, textField } from "../../../tagging/payload.ts";
import { attackerAddress } from "../../../tagging/attacker_address.ts";

/** Longest id that is taken, in characters. */
const MAX_ID = 200;

/**
 * Reads one line of `attackers import`: a JSON object, or
 * `UUID,ADDRESS[,IDENTITY]`.
 *
 * @returns the attacker, what is wrong with the line, or nothing for a blank line or a heading
 */
export function readAttacker(
  line: string,
): Attacker | { readonly fault: string } | undefined {
  const text = line.replace(/^\ufeff/, "").trim();
  if (text === "" || text.startsWith("#")) return undefined;
  if (text.startsWith("{")) return fromJson(text);
  const [uuid = "", ip = "", identity = ""] = text.split(",").map((cell) =>
    cell.trim().replace(/^"(.*)"$/, "$1")
  );
  if (/^(attacker_)?uuid$/i.test(uuid)) return undefined;
  return attackerOf({ uuid, ip, ...(identity !== "" && { identity_uuid: identity }) });
}

function fromJson(text: string): ReturnType<typeof readAttacker> {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? attackerOf(parsed) : { fault: "it is no JSON object" };
  } catch {
    return { fault: "it is not JSON" };
  }
}

function attackerOf(
  fields: Readonly<Record<string, unknown>>,
): Attacker | { readonly fault: string } {
  const uuid = idField(fields, "uuid") ?? idField(fields, "attacker_uuid");
  const identityUuid = idField(fields, "identity_uuid");
  const address = textField(fields, "ip") ?? textField(fields, "attacker_ip");
  if (uuid === undefined || uuid === "") return { fault: "it has no uuid" };
  if (uuid.length > MAX_ID || (identityUuid?.length ?? 0) > MAX_ID) {
    return { fault: `an id has more than ${MAX_ID} characters` };
  }
  const ip = address === undefined ? undefined : attackerAddress({ attacker_ip: address });
  if (address !== undefined && ip === undefined) {
    return { fault: `${JSON.stringify(address.slice(0, 60))} is no IP address` };
  }
  if (ip === undefined && identityUuid === undefined) {
    return { fault: "it has neither an address nor an identity" };
  }
  const [firstSeen, lastSeen] = [timeOf(fields["first_seen"]), timeOf(fields["last_seen"])];
  return {
    uuid,
    ...(ip !== undefined && { ip }),
    ...(identityUuid !== undefined && { identityUuid }),
    ...(firstSeen !== undefined && { firstSeen }),
    ...(lastSeen !== undefined && { lastSeen }),
  };
}

/** A time in the one form that the table has; one that cannot be read is as good as none. */
function timeOf(value: unknown): string | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
