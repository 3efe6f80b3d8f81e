import assert from "assert";
import { parseSize } from "../../../lib/cli/settings/kinds.ts";
import { SettingsError } from "../../../lib/cli/settings/settings.ts";

Deno.test("a size is a number of bytes, or of a unit of 1024", () => {
  const sizes: Readonly<Record<string, number>> = {
    "0": 0,
    "1000": 1000,
    "10B": 10,
    "64K": 65_536,
    "256M": 268_435_456,
    "256 MiB": 268_435_456,
    "2GB": 2_147_483_648,
    "1t": 1_099_511_627_776,
  };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
  for (const text of ["", "M", "-1", "1.5G", "1X", "1 000", "999999999999T", "5%"]) {
    assert.throws(() => parseSize(text), SettingsError, text);
  }
});
