import type { Assignment } from "unbash";
import { type Expander, expandText, expandWord } from "./expand.ts";

/** An assignment as `NAME=value`; an array is remembered, and its elements joined. */
export function assignmentText({ name, value, append }: Assignment, expander: Expander): string {
  const operator = append === true ? "+=" : "=";
  if (value.type === "Word") return name + operator + expandText(value, expander);
  const elements: string[] = [];
  for (const element of value.elements) expandWord(element, expander, elements);
  expander.scope.setArray(name, elements);
  return name + operator + elements.join(" ");
}
