import { tokens } from "./pattern_scan.ts";

/** How often something is repeated: `{3}`, `{3,}`, `{3,9}`. */
const COUNT_REGEXP = /\{(\d{1,5})(,(\d{0,5}))?\}/y;

/**
 * Instructions of the program that RE2 makes of a pattern, about: what is counted
 * is written out as often as it may occur, and counts inside counts multiply. It is
 * told from the text alone, since compiling is what a large program makes slow.
 */
export function programSize(pattern: string): number {
  const outer: number[] = [];
  let size = 0;
  let last = 0;
  let read = 0;
  for (const { type, start, end } of tokens(pattern)) {
    if (start < read) continue;
    const text = type === "escape" || type === "class" ? "" : pattern.slice(start, end);
    if (text === "(" || type === "group" && !text.endsWith(")")) {
      outer.push(size);
      [size, last] = [0, 0];
    } else if (text === ")") {
      last = size + 2;
      size = (outer.pop() ?? 0) + last;
    } else if (text === "{") {
      COUNT_REGEXP.lastIndex = start;
      const [counted, least, open, most] = COUNT_REGEXP.exec(pattern) ?? [];
      const times = counted === undefined
        ? 2
        : Math.max(Number(least), Number(most ?? 0), open === undefined ? 0 : Number(least) + 1, 1);
      size += last * (times - 1);
      last *= times;
      read = start + (counted?.length ?? 1);
    } else {
      const isRepetition = text === "*" || text === "+" || text === "?";
      last = isRepetition ? last + 1 : type === "quoted" ? end - start : 1;
      size += isRepetition ? 1 : last;
    }
  }
  return outer.reduce((sum, before) => sum + before, size);
}
