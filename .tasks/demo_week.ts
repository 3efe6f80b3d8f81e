import { decodeEnvelope } from "../lib/bus/envelope.ts";
import { loadEmbeddedAttack } from "../lib/attack/embedded.ts";
import { loadPack } from "../lib/rules/pack.ts";
import { Store } from "../lib/store/store.ts";
import { CompositeTagger } from "../lib/tagging/composite.ts";
import { LIFTERS } from "../lib/tagging/registry.ts";
import { Replay } from "../lib/worker/pipeline/replay.ts";
import { RuleBook } from "../lib/worker/rules/rule_book.ts";
import { demoEvents } from "./demo_events.ts";

const START = Date.parse("2026-06-01T08:00:00Z");
const ROUND_MS = 2 * 3_600_000;
const ROUNDS = 84;

/**
 * Makes a database of an invented week: the demo's events through the whole
 * pipeline, again and again, more of them by day than by night. The same week
 * every time.
 *
 * @param path file that is not there yet
 */
export function demoWeek(path: string): void {
  using store = Store.open(path);
  const book = new RuleBook(loadPack(), store);
  let clock = START;
  const now = (): number => clock;
  const tagger = new CompositeTagger({
    attack: loadEmbeddedAttack(),
    rules: () => book.rules,
    lifters: LIFTERS,
    now,
  });
  const replay = new Replay({ store, tagger, mintAttackers: false, now });
  for (let round = 0; round < ROUNDS; round++) {
    const events = demoEvents(round).filter((_, index) => happens(round, index));
    for (const [index, { subject, data }] of events.entries()) {
      const decoded = decodeEnvelope(data);
      if (!decoded.ok) throw new Error(`an event of the demo is ${decoded.reason}`);
      const { type = "", payload } = decoded.envelope;
      clock = START + round * ROUND_MS + index * ROUND_MS / events.length;
      replay.work([{ subject, type, payload }], () => {});
    }
  }
  replay.finish();
}

/** Everything in the first round; then what chance would choose, without chance. */
function happens(round: number, index: number): boolean {
  if (round === 0) return true;
  const share = 0.12 + 0.5 * Math.sin(round / 9) ** 4;
  return (round * 0.618 + index * 0.414) % 1 < share;
}
