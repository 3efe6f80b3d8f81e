import assert from "assert";
import {
  CompositeTagger,
  LIFTERS,
  loadEmbeddedAttack,
  loadPack,
  RuleSet,
  taggerEvents,
} from "../mod.ts";

Deno.test("an embedder labels a bus event with what the module exports", () => {
  const rules = RuleSet.compile(loadPack().rules);
  const tagger = new CompositeTagger({
    attack: loadEmbeddedAttack(),
    rules: () => rules,
    lifters: LIFTERS,
    now: () => 0,
  });
  const events = taggerEvents("attacker.session.ended", "session.ended", {
    session_id: "s1",
    attacker_uuid: "a1",
    commands: ["find / -perm -u=s 2>/dev/null"],
  });
  const techniques = events.flatMap((event) => tagger.tag(event).tags)
    .map((tag) => tag.subTechniqueId ?? tag.techniqueId);
  assert.ok(techniques.includes("T1548.001"), techniques.join(" "));
});

Deno.test("the module's documentation is complete", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", new URL("../mod.ts", import.meta.url).pathname],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});
