import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import { decodeEnvelope, encodeEnvelope } from "../../lib/bus/envelope.ts";
import { ShellCommandMatcher } from "../../lib/rules/command/matcher.ts";
import { loadPack } from "../../lib/rules/pack.ts";
import { Prefilter } from "../../lib/rules/compile/prefilter.ts";
import { RuleSet } from "../../lib/rules/run/rule_set.ts";
import { Store } from "../../lib/store/store.ts";
import { CompositeTagger } from "../../lib/tagging/composite.ts";
import { tagUuid } from "../../lib/tagging/identity.ts";
import { LIFTERS } from "../../lib/tagging/registry.ts";
import type { Tag } from "../../lib/tagging/tag.ts";
import { taggerEvents } from "../../lib/tagging/payload_events.ts";
import { attackCommands } from "./attack_commands.ts";
import { kernel } from "./kernel.ts";

/** Each iteration of what is about commands takes so many, so that all kinds are among them. */
const BLOCK = 1_000;

/**
 * Times that all commands are gone through before it is timed, and while it is: what
 * a worker does all day is not what its first second is, when code is still compiled.
 */
const WARM_ROUNDS = 4;
const TIMED_ROUNDS = 8;

/** More distinct commands than are remembered, so that going round finds none of them again. */
const DISTINCT = 50_000;

const commands = attackCommands(DISTINCT, { seed: 8 });
const quiet = attackCommands(DISTINCT, { seed: 8, quiet: true });
const { rules } = loadPack();
const ruleSet = RuleSet.compile(rules);
const tagger = new CompositeTagger({
  attack: loadEmbeddedAttack(),
  rules: () => ruleSet,
  lifters: LIFTERS,
  now: () => 0,
});
const session = {
  session_id: "bench-session",
  attacker_uuid: "3f6b8a52-91c4-4e0d-8a77-5c1e0d9b2f01",
  commands: commands.slice(0, 4),
};
const body = encodeEnvelope({
  id: "bench",
  subject: "attacker.session.ended",
  type: "session.ended",
  ts: 1_780_300_800,
  payload: session,
});
const key = {
  sourceKind: "command",
  sourceId: "cmd_42",
  ruleId: "R0015",
  ruleVersion: 1,
  techniqueId: "T1083",
} as const;

Deno.bench("kernel", () => {
  kernel();
});

Deno.bench("envelope decoding", () => {
  decodeEnvelope(body);
});

Deno.bench("fan-out of a session of 4 commands", () => {
  taggerEvents("attacker.session.ended", "session.ended", session);
});

const prefilter = new Prefilter(
  rules.flatMap((rule, entry) => {
    const requires = Object.values(rule.literals ?? {}).find((found) => found.length > 0);
    return requires === undefined ? [] : [{ entry, requires }];
  }),
);

perBlock("prefilter, 1,000 commands", commands, (text) => prefilter.scan(text, () => {}));

const shell = new ShellCommandMatcher();
perBlock("command parser, 1,000 commands", commands, (text) => shell.read(text));

perBlock("whole pack, 1,000 distinct commands", commands, matchCommand);

perBlock("whole pack, 1,000 distinct commands that match nothing", quiet, matchCommand);

perBlock("whole pack, 1,000 repeated commands", commands.slice(0, BLOCK), matchCommand);

perBlock("tags of 1,000 distinct commands", commands, (text) =>
  tagger.tag({
    sourceKind: "command",
    sourceId: text,
    attackerUuid: session.attacker_uuid,
    payload: { command_text: text },
  }));

Deno.bench("tag identity", () => {
  tagUuid(key);
});

const folder = Deno.makeTempDirSync({ prefix: "ttp-bench-" });
const store = Store.open(`${folder}/bench.db`);
globalThis.addEventListener("unload", () => {
  store[Symbol.dispose]();
  Deno.removeSync(folder, { recursive: true });
});
const at = new Date(1_780_300_800_000);
let made = 0;

Deno.bench("insert, 1,000 tags in one transaction", () => {
  const tags = Array.from({ length: BLOCK }, newTag);
  store.transaction(() => store.tags.insert(tags, at));
});

Deno.bench("outbox, 1,000 messages added and removed", () => {
  const items = Array.from({ length: BLOCK }, () => ({
    id: `message-${made++}`,
    subject: "ttp.tagged",
    payload: '{"v":1}',
  }));
  store.transaction(() => store.outbox.add(items, at));
  store.outbox.remove(store.outbox.oldest(BLOCK));
});

function perBlock(name: string, texts: readonly string[], work: (text: string) => void): void {
  let next = 0;
  const blocks = DISTINCT / BLOCK;
  const rounds = { warmup: WARM_ROUNDS * blocks, n: TIMED_ROUNDS * blocks };
  Deno.bench(name, rounds, () => {
    for (let count = 0; count < BLOCK; count++) work(texts[next++ % texts.length]!);
  });
}

function matchCommand(text: string): void {
  ruleSet.match("command", { command_text: text });
}

function newTag(): Tag {
  const own = { ...key, sourceId: `cmd-${made++}` };
  return {
    uuid: tagUuid(own),
    ...own,
    attackerUuid: session.attacker_uuid,
    sessionId: session.session_id,
    tactic: "TA0007",
    confidence: 0.85,
    evidence: { matched: "find / -perm -4000" },
    attackRelease: "19.1",
    mitreUrl: "https://attack.mitre.org/techniques/T1083",
  };
}
