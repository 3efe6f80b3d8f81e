import type { Attack } from "../../../attack/matrix.ts";
import type { StoryStep } from "../../../store/queries/session_story.ts";
import { printable } from "../../../text/terminal.ts";
import { namesOf } from "../../output/attack_names.ts";
import { type Column, tableLines } from "../../output/table.ts";
import type { Terminal } from "../../output/terminal.ts";
import { storedTagJson, timeText } from "./output.ts";

/** Characters of a text that are shown in a table. */
const MAX_TEXT = 200;

const STEPS: readonly Column[] = [
  { title: "WHEN", min: 19 },
  { title: "KIND" },
  { title: "DIRECTORY", min: 4 },
  { title: "WHAT", min: 16 },
  { title: "LABELS", min: 9 },
];

/** Prints what happened in a session, one thing a line. */
export function printStory(terminal: Terminal, steps: readonly StoryStep[]): void {
  const rows = steps.map(({ observedAt, sourceKind, directory, text, tags }) => [
    timeText(observedAt),
    sourceKind,
    printable(directory ?? "", 60),
    printable(text?.trim() ?? "", MAX_TEXT),
    [...new Set(tags.map((tag) => tag.subTechniqueId ?? tag.techniqueId))].join(" "),
  ]);
  for (const line of tableLines(terminal, STEPS, rows)) terminal.out(line);
}

/** The same for scripts. */
export function storyJson(
  attack: Attack,
  steps: readonly StoryStep[],
): readonly Readonly<Record<string, unknown>>[] {
  return steps.map(({ observedAt, sourceKind, sourceId, text, directory, tags }) => ({
    observed_at: observedAt,
    source_kind: sourceKind,
    source_id: sourceId,
    text: text ?? null,
    directory: directory ?? null,
    labels: tags.map((tag) => {
      const { uuid, technique_id, sub_technique_id, tactic, confidence, rule_id } = storedTagJson(
        attack,
        tag,
      );
      return {
        ...{ uuid, technique_id, sub_technique_id: sub_technique_id ?? null },
        ...{ technique_name: namesOf(attack, tag).technique, tactic, confidence, rule_id },
      };
    }),
  }));
}
