import activity from "./style/activity.css" with { type: "text" };
import evidence from "./style/evidence.css" with { type: "text" };
import matrix from "./style/matrix.css" with { type: "text" };
import page from "./style/page.css" with { type: "text" };
import print from "./style/print.css" with { type: "text" };
import sections from "./style/sections.css" with { type: "text" };
import tables from "./style/tables.css" with { type: "text" };

/** The style sheet of the page; print comes last, since it overrides. */
export const STYLE: string = [page, sections, matrix, activity, tables, evidence, print].join("\n");
