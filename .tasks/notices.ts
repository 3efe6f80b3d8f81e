import { join } from "node:path";
import { MITRE_NOTICE } from "../lib/attack/notice.ts";
import type { Package } from "./packages.ts";
import { PROJECT, VERSION } from "./source.ts";

/** Whoever passes the program on has to pass on this text as well. */
const LICENSE = await Deno.readTextFile(join(PROJECT, "LICENSE"));

/** https://github.com/denoland/deno/blob/main/LICENSE.md; the runtime's npm packages do not carry it. */
const DENO_LICENSE = `Copyright 2018-2026 the Deno authors

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * What the licences of everything inside the executable ask to be passed on.
 *
 * @param packages npm packages in it
 */
export function noticesText(packages: readonly Package[]): string {
  const parts = packages.map(({ name, version, license, licenseText }) =>
    section(`${name} ${version} (${license})`, licenseText ?? `Licence: ${license}`)
  );
  return [
    section(`decnet-ttp ${VERSION} (AGPL-3.0-or-later)`, LICENSE),
    section("Deno runtime (MIT)", DENO_LICENSE),
    section("MITRE ATT&CK", MITRE_NOTICE),
    ...parts,
  ].join("\n");
}

function section(title: string, text: string): string {
  return `${title}\n${"-".repeat(title.length)}\n${text.trim()}\n`;
}
