import { RE2JS } from "re2js";

/** Characters that mean something in RE2. */
const SPECIAL_REGEXP = /[\\^$.|?*+()[\]{}]/g;

/** Finds the first of a rule's globs that a text fits. Case does not matter. */
export type GlobFinder = (text: string) => string | undefined;

interface Compiled {
  readonly glob: string;
  readonly pattern: RE2JS;
}

/**
 * Compiles globs that a whole text must fit, e.g. `bind:/etc:*`. `*` stands for
 * any characters.
 */
export function wholeTextGlobs(globs: readonly string[]): GlobFinder {
  return finder(globs.map((glob) => compile(glob, `^${body(glob, ".*")}$`)));
}

/**
 * Compiles globs of file names and paths that must stand in a text from one
 * separator to the next, e.g. `.ssh/id_*` in `/../root/.ssh/id_rsa?x`. `*`
 * stays inside one name.
 */
export function pathGlobs(globs: readonly string[]): GlobFinder {
  return finder(globs.map((glob) => {
    const relative = glob.replace(/^\/+/, "");
    const name = body(relative, String.raw`[^/\\?#&;\s]*`);
    return compile(glob, String.raw`(?:^|[/\\=:\s])${name}(?:$|[/\\?#&;\s"'])`);
  }));
}

function body(glob: string, star: string): string {
  return glob.split("*").map((part) => part.replace(SPECIAL_REGEXP, String.raw`\$&`)).join(star);
}

/** RE2, not the platform's engine: with several stars that one needs quadratic time and more. */
function compile(glob: string, pattern: string): Compiled {
  return { glob, pattern: RE2JS.compile(`(?is)${pattern}`) };
}

function finder(compiled: readonly Compiled[]): GlobFinder {
  return (text) => compiled.find(({ pattern }) => pattern.test(text))?.glob;
}
