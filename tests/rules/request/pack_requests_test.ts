import assert from "assert";
import type { Payload } from "../../../lib/tagging/event.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { eventOf, packTagger } from "../../tagging/pack_tagger.ts";

/** Confidence at which everything is counted. */
const FLOOR = 0.6;

interface Example {
  /** What it is. */
  readonly about: string;
  /** What an analyst would write down; nothing for an ordinary request. */
  readonly technique?: string;
  readonly request: Payload;
}

function examples(name: string): readonly Example[] {
  const url = new URL(`../../fixtures/${name}.jsonl`, import.meta.url);
  return Deno.readTextFileSync(url).trimEnd().split("\n").map((line) => JSON.parse(line));
}

const PACK = packTagger();

function tagsOf(request: Payload): readonly Tag[] {
  return PACK.tag(eventOf("http_request", request)).tags.filter(({ confidence }) =>
    confidence >= FLOOR
  );
}

const idOf = ({ techniqueId, subTechniqueId }: Tag): string => subTechniqueId ?? techniqueId;

const ORDINARY = examples("requests_ordinary");
const ATTACKS = examples("requests_attacks");

Deno.test("ordinary requests of many kinds of applications stay clean", () => {
  const tagged = ORDINARY.flatMap(({ about, request }) =>
    tagsOf(request).map(({ ruleId, evidence }) => `${about}: ${ruleId} ${evidence["matched"]}`)
  );
  assert.deepEqual(tagged, []);
  assert.ok(ORDINARY.length >= 200);
});

Deno.test("attacks are seen wherever they stand and however they are encoded", () => {
  const missed = ATTACKS.filter(({ technique, request }) =>
    !tagsOf(request).some((tag) => idOf(tag) === technique)
  ).map(({ about, technique }) => `${about}: no ${technique}`);
  assert.deepEqual(missed, []);
  assert.ok(ATTACKS.length >= 300);
});

Deno.test("evidence quotes at most 256 characters of the decoded field", () => {
  for (const { request, about } of ATTACKS) {
    for (const { evidence } of tagsOf(request)) {
      const { matched, matched_path } = evidence;
      assert.ok(typeof matched === "string" || typeof matched_path === "string", about);
      assert.ok(typeof matched !== "string" || matched.length <= 256, about);
    }
  }
});

Deno.test("no tag of a request holds its cookie or what was typed as a password", () => {
  const request = {
    raw_url: "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
    headers: { Cookie: "sid=SECRET-COOKIE", Authorization: "Bearer SECRET-TOKEN" },
    body: "user=a%27+or+1%3D1--+&password=SECRET-PASSWORD",
  };
  const tags = tagsOf(request);
  assert.ok(tags.length >= 2);
  assert.doesNotMatch(JSON.stringify(tags), /SECRET/);
});
