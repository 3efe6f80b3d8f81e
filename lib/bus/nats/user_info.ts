import type { NatsLink } from "./link.ts";
import { subjectMatches } from "../subjects.ts";

/** Which subjects a user may use. */
export interface Permission {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** What a server since 2.10 says about the user that asks. */
export interface UserInfo {
  /** The server's clock. */
  readonly time?: Date;
  readonly publish?: Permission;
}

/** Where a server answers a user about itself. */
const USER_INFO = "$SYS.REQ.USER.INFO";

/**
 * Asks the server about the user.
 *
 * @returns nothing when it does not answer, as servers before 2.10 do not
 */
export async function askUserInfo(link: NatsLink): Promise<UserInfo | undefined> {
  try {
    const { data } = await link.connection.request(USER_INFO, undefined, { timeout: 1000 });
    return parseUserInfo(data);
  } catch {
    return undefined;
  }
}

/** Reads the server's answer; parts of another shape count as absent. */
export function parseUserInfo(data: Uint8Array): UserInfo {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(data));
  } catch {
    return {};
  }
  const time = new Date(String(at(body, "server", "time")));
  const publish = at(body, "data", "permissions", "publish");
  return {
    ...(!Number.isNaN(time.getTime()) && { time }),
    ...(publish !== undefined && {
      publish: { allow: texts(at(publish, "allow")), deny: texts(at(publish, "deny")) },
    }),
  };
}

/** Whether a permission covers a subject; without any, everything is allowed. */
export function permits(permission: Permission | undefined, subject: string): boolean {
  const matches = (pattern: string) => subjectMatches(pattern, subject);
  if (permission?.deny?.some(matches)) return false;
  const allow = permission?.allow ?? [];
  return allow.length === 0 || allow.some(matches);
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
