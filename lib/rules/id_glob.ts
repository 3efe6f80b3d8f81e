import { RE2JS, RE2JSException } from "re2js";

/** Longest glob, in characters. */
const MAX_CHARACTERS = 256;

/**
 * Compiles a glob of rule ids: `*` stands for anything, `?` for one character,
 * `[ab]` for one of some. RE2, for with several stars the platform's engine takes
 * for ever.
 *
 * @returns nothing when it is none, e.g. for `[b-a]`
 */
export function idGlob(glob: string): ((id: string) => boolean) | undefined {
  const source = glob.slice(0, MAX_CHARACTERS).replace(
    /\[([A-Za-z0-9_-]+)\]|[^A-Za-z0-9_-]/g,
    (found: string, members: string | undefined) => {
      if (members !== undefined) return found;
      return found === "*" ? ".*" : found === "?" ? "." : RE2JS.quote(found);
    },
  );
  try {
    const pattern = RE2JS.compile(`^(?s:${source})$`);
    return (id) => pattern.test(id);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
