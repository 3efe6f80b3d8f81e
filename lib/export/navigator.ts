import type { Attack } from "../attack/matrix.ts";
import type { TechniqueSummary } from "../store/queries/summaries.ts";
import { matrixOf, releaseVersion, tacticOf } from "./named.ts";

/** Oldest Navigator that reads layers of format 4.5. */
const NAVIGATOR_VERSION = "4.9.0";
const LAYER_VERSION = "4.5";

/** From few tags to many; readable in print and by people who see red and green alike. */
const COLOURS = ["#ffffcc", "#fd8d3c", "#800026"];

/** A layer of the ATT&CK Navigator, format 4.5. */
export type NavigatorLayer = Readonly<Record<string, unknown>>;

/**
 * Layers of the ATT&CK Navigator with the number of tags as score: one for each
 * release that the tags were made under, and an empty one when there are none.
 *
 * @param summaries what was seen
 * @param name title of the layers
 */
export function navigatorLayers(
  attack: Attack,
  summaries: readonly TechniqueSummary[],
  name: string,
): readonly NavigatorLayer[] {
  const byRelease = Map.groupBy(summaries, ({ attackRelease }) => attackRelease);
  if (byRelease.size === 0) byRelease.set(attack.enterprise.release, []);
  return Array.from(byRelease.keys()).sort().map((release) =>
    layer(attack, release, byRelease.get(release) ?? [], name)
  );
}

function layer(
  attack: Attack,
  release: string,
  summaries: readonly TechniqueSummary[],
  name: string,
): NavigatorLayer {
  const { domain } = matrixOf(attack, { techniqueId: "", attackRelease: release });
  const most = summaries.reduce((most, { tags }) => Math.max(most, tags), 1);
  return {
    name,
    versions: {
      // The Navigator names releases by their major version.
      attack: releaseVersion(release).replace(/\..*$/, ""),
      navigator: NAVIGATOR_VERSION,
      layer: LAYER_VERSION,
    },
    domain,
    description: `Techniques that honeypots saw, by number of tags; ATT&CK ${release}.`,
    sorting: 3,
    layout: {
      layout: "side",
      showID: true,
      showName: true,
      showAggregateScores: true,
      countUnscored: false,
      aggregateFunction: "sum",
      expandedSubtechniques: "annotated",
    },
    hideDisabled: false,
    techniques: summaries.map((summary) => technique(attack, summary)),
    gradient: { colors: COLOURS, minValue: 0, maxValue: Math.max(2, most) },
    legendItems: [],
    selectTechniquesAcrossTactics: false,
    selectSubtechniquesWithParent: false,
    selectVisibleTechniques: false,
    metadata: [{ name: "source", value: "decnet-ttp" }],
  };
}

function technique(attack: Attack, summary: TechniqueSummary): Readonly<Record<string, unknown>> {
  const { techniqueId, subTechniqueId, tags, bestConfidence, firstSeen, lastSeen } = summary;
  const shortname = tacticOf(attack, summary)?.shortname;
  return {
    techniqueID: subTechniqueId ?? techniqueId,
    ...(shortname !== undefined && { tactic: shortname }),
    score: tags,
    comment: `${tags} ${tags === 1 ? "tag" : "tags"}, confidence up to ${bestConfidence}`,
    enabled: true,
    metadata: [
      { name: "tags", value: String(tags) },
      { name: "best confidence", value: String(bestConfidence) },
      { name: "first seen", value: firstSeen },
      { name: "last seen", value: lastSeen },
    ],
    showSubtechniques: subTechniqueId !== undefined,
  };
}
