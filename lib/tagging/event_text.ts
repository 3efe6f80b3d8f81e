import type { TaggerEvent } from "./event.ts";
import { textField } from "./payload.ts";

/** Most of a text that is kept to be shown, in UTF-16 units. */
const MAX_TEXT_LENGTH = 512;

/**
 * What is shown of an event in a list or in the story of its session: the command,
 * the request, or who logged in, never with which password.
 */
export function eventText({ sourceKind, payload }: TaggerEvent): string | undefined {
  switch (sourceKind) {
    case "command":
      return cut(textField(payload, "command_text"));
    case "http_request":
      return cut(joined([
        textField(payload, "method"),
        textField(payload, "raw_url") ?? textField(payload, "request_path"),
      ]));
    case "auth_attempt":
      return cut(joined([
        textField(payload, "username"),
        textField(payload, "service"),
        textField(payload, "result"),
      ]));
    case "payload":
      return cut(textField(payload, "filename") ?? textField(payload, "sha256"));
    default:
      return undefined;
  }
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? undefined : given.join(" ");
}

/** No half of a surrogate pair is left at the end. */
function cut(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= MAX_TEXT_LENGTH) return text?.toWellFormed();
  return `${text.slice(0, MAX_TEXT_LENGTH - 1).toWellFormed()}…`;
}
