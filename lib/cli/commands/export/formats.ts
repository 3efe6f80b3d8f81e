import type { Attack } from "../../../attack/matrix.ts";
import { CSV_HEADER, csvTagLine } from "../../../export/csv.ts";
import { ecsDocument, type TagSurroundings } from "../../../export/ecs.ts";
import { mispAttributes, mispEvent } from "../../../export/misp.ts";
import { navigatorLayers } from "../../../export/navigator.ts";
import { ocsfFinding } from "../../../export/ocsf.ts";
import { stixBundleId, stixObjects } from "../../../export/stix.ts";
import type { Tlp } from "../../../export/tlp.ts";
import { loadPack } from "../../../rules/pack.ts";
import { listSightings } from "../../../store/queries/sightings.ts";
import { techniqueSummaries, totals } from "../../../store/queries/summaries.ts";
import type { TagFilter } from "../../../store/queries/tag_filter.ts";
import { listTags } from "../../../store/queries/tag_list.ts";
import type { Store } from "../../../store/store.ts";
import type { StoredTag } from "../../../store/tags/tag_row.ts";
import { jsonLine } from "../../../text/terminal.ts";
import { PROGRAM_VERSION } from "../../program_version.ts";

/** What is exported. */
export interface ExportJob {
  readonly store: Store;
  readonly attack: Attack;
  readonly filter: TagFilter;
  /** Says in words what `filter` means; part of the ids of bundles and events. */
  readonly scope: string;
  /** Name of the sensor. */
  readonly sensor: string;
  readonly tlp: Tlp;
}

/** Writes an export, piece by piece: there may be more of it than memory. */
export type ExportFormat = (job: ExportJob, write: (text: string) => void) => void;

/** The formats by the names of their commands. */
export const EXPORT_FORMATS = { navigator, stix, misp, csv, ecs, ocsf } as const;

function navigator({ store, attack, filter, scope }: ExportJob, write: (text: string) => void) {
  const layers = navigatorLayers(attack, techniqueSummaries(store, filter), `decnet-ttp: ${scope}`);
  // The Navigator opens a list as so many tabs; of one layer every version opens the layer itself.
  write(`${jsonLine(layers.length === 1 ? layers[0] : layers)}\n`);
}

function stix(job: ExportJob, write: (text: string) => void): void {
  const { store, attack, filter, scope, sensor, tlp } = job;
  const id = stixBundleId(`${sensor}|${scope}`);
  write(`{"type":"bundle","id":${jsonLine(id)},"objects":`);
  writeList(stixObjects(attack, listSightings(store, filter), { sensor, tlp }), write);
  write("}\n");
}

function misp(job: ExportJob, write: (text: string) => void): void {
  const { store, attack, filter, scope, sensor, tlp } = job;
  const now = new Date().toISOString();
  const { firstSeen, lastSeen } = totals(store, filter) ?? { firstSeen: now, lastSeen: now };
  const info = `Honeypot observations of ${sensor}: ${scope}`;
  const key = `${sensor}|${scope}`;
  const event = mispEvent({ scope: key, info, tlp, firstSeen, lastSeen });
  write(`{"Event":${jsonLine(event).slice(0, -1)},"Attribute":`);
  writeList(mispAttributes(attack, listSightings(store, filter), key), write);
  write("}}\n");
}

function csv({ store, attack, filter }: ExportJob, write: (text: string) => void): void {
  const ipOf = addresses(store);
  write(`${CSV_HEADER}\r\n`);
  for (const tag of listTags(store, filter)) write(`${csvTagLine(attack, tag, ipOf(tag))}\r\n`);
}

function ecs(job: ExportJob, write: (text: string) => void): void {
  writeTags(job, (tag, around) => ecsDocument(job.attack, tag, around), write);
}

function ocsf(job: ExportJob, write: (text: string) => void): void {
  writeTags(job, (tag, around) => ocsfFinding(job.attack, tag, around), write);
}

function writeTags(
  { store, filter, sensor }: ExportJob,
  toObject: (tag: StoredTag, around: TagSurroundings) => unknown,
  write: (text: string) => void,
): void {
  const ipOf = addresses(store);
  const names = new Map(loadPack().rules.map(({ document }) => [document.rule_id, document.name]));
  for (const tag of listTags(store, filter)) {
    const ip = ipOf(tag);
    const ruleName = names.get(tag.ruleId);
    const around = {
      sensor,
      version: PROGRAM_VERSION,
      ...(ip !== undefined && { ip }),
      ...(ruleName !== undefined && { ruleName }),
    };
    write(`${jsonLine(toObject(tag, around))}\n`);
  }
}

/** Objects of a JSON list, one a line. */
function writeList(objects: Iterable<unknown>, write: (text: string) => void): void {
  let before = "[\n";
  for (const object of objects) {
    write(`${before}${jsonLine(object)}`);
    before = ",\n";
  }
  write(before === "[\n" ? "[]" : "\n]");
}

/** The address of a tag's attacker; tags of one attacker stand together, so that the last one is remembered. */
function addresses(store: Store): (tag: StoredTag) => string | undefined {
  let last: { readonly uuid: string; readonly ip: string | undefined } | undefined;
  return ({ attackerUuid: uuid }) => {
    if (uuid === undefined) return undefined;
    if (last?.uuid !== uuid) last = { uuid, ip: store.attackers.byUuid(uuid)?.ip };
    return last.ip;
  };
}
