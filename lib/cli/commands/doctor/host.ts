import type { Room } from "../../../store/sqlite/disk_room.ts";
import type { Finding } from "./finding.ts";
import { sizeText } from "../../output/quantity.ts";

/** Less room than this is filled within hours, in bytes. */
const SCARCE_BYTES = 1024 ** 3;

/** Less room than this may be gone with the next checkpoint, in bytes. */
const FULL_BYTES = 100 * 1024 ** 2;

/** No copy of this program was made before; a clock that says so has lost its battery. */
const EARLIEST = Date.UTC(2025, 0, 1);

/** Whether there is room for the database to grow. */
export function diskFinding(directory: string, room: Room | undefined): Finding {
  const common = { area: "disk", what: directory } as const;
  if (room === undefined) return { ...common, verdict: "warning", detail: "cannot be asked" };
  const detail = `${sizeText(room.free)} of ${sizeText(room.total)} free`;
  if (room.free >= SCARCE_BYTES) return { ...common, verdict: "ok", detail };
  return {
    ...common,
    verdict: room.free < FULL_BYTES ? "problem" : "warning",
    detail,
    remedy: "make room, keep tags for less long with --retain-tags, then `decnet-ttp vacuum`",
  };
}

/** Whether the clock can be right at all. */
export function clockFinding(now: number): Finding {
  const common = { area: "clock", what: "here" } as const;
  const detail = new Date(now).toISOString();
  if (now >= EARLIEST) return { ...common, verdict: "ok", detail };
  return { ...common, verdict: "problem", detail, remedy: "set it, and keep it in time with NTP" };
}

/** Whether the mails of the honeypots can be read. */
export function artifactsFindings(directory: string): readonly Finding[] {
  const common = { area: "disk", what: `artifacts ${directory}` } as const;
  try {
    // Its first entry is enough to know.
    for (const _ of Deno.readDirSync(directory)) break;
    return [{ ...common, verdict: "ok", detail: "can be read" }];
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "is not there" : "cannot be read";
    const remedy = "bodies of mails are not looked into until this user can read it";
    return [{ ...common, verdict: "problem", detail: reason, remedy }];
  }
}

/** How long ago a moment was, in the largest unit that fits. */
export function ageText(iso: string, now: number): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (seconds < 0) return `at ${iso}`;
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}
