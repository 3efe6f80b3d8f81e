import { EVENT_LIMIT_SETTINGS } from "./event_limits.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../../observe/log.ts";
import { BUS_SETTINGS } from "./bus.ts";
import { HTTP_SETTINGS } from "./http.ts";
import { JETSTREAM_SETTINGS } from "./jetstream.ts";
import {
  choiceSetting,
  countSetting,
  durationSetting,
  sizeSetting,
  switchSetting,
  textSetting,
} from "./kinds.ts";

/** Trust was the default of 0.1.0; who asked for it there must ask anew. */
const UNTRUSTED = {
  convert: () => "0",
  successor: "orders from the bus are obeyed with --trust-control alone",
};

/** Everything that `run` can be told. */
export const WORKER_SETTINGS = {
  ...BUS_SETTINGS,
  ...JETSTREAM_SETTINGS,
  ...HTTP_SETTINGS,
  queue: textSetting({
    flag: "--queue <group>",
    env: "DECNET_TTP_QUEUE",
    description: "share plain subscriptions with the workers of a queue group",
  }),
  db: textSetting({
    flag: "--db <file>",
    env: "DECNET_TTP_DB",
    description: "SQLite file; /var/lib/decnet/ttp.db or ./decnet-ttp.db when not said",
  }),
  sync: choiceSetting({
    flag: "--sync <mode>",
    env: "DECNET_TTP_SYNC",
    description: "full puts each commit on the platter, normal leaves it to the system",
    choices: ["normal", "full"],
    fallback: "normal",
  }),
  artifacts: textSetting({
    flag: "--artifacts <dir>",
    env: "DECNET_ARTIFACTS_DIR",
    description: "where the honeypots store mail, to look into its bodies",
  }),
  taggerType: choiceSetting({
    env: "DECNET_TTP_TAGGER_TYPE",
    description: "the tagger; there is one",
    choices: ["composite"],
    fallback: "composite",
  }),
  mintAttackers: switchSetting({
    flag: "--mint-attackers",
    env: "DECNET_TTP_MINT_ATTACKERS",
    description: "make an attacker of each unknown address instead of waiting to be told",
  }),
  announceLimit: countSetting({
    flag: "--announce-limit <count>",
    env: "DECNET_TTP_ANNOUNCE_LIMIT",
    description: "announced tags a minute for each rule and attacker; 0 for all",
    fallback: 60,
  }),
  ...EVENT_LIMIT_SETTINGS,
  pollInterval: durationSetting({
    flag: "--poll-interval <time>",
    env: "DECNET_TTP_POLL_INTERVAL",
    description: "between looks at what waits and what is too old",
    fallback: "60s",
  }),
  maxLag: durationSetting({
    flag: "--max-lag <time>",
    env: "DECNET_TTP_MAX_LAG",
    description: "a message of the stream that waits for longer makes the worker degraded",
    fallback: "60s",
  }),
  minFree: sizeSetting({
    flag: "--min-free <size>",
    env: "DECNET_TTP_MIN_FREE",
    description:
      "take no events while less of the disk is free; 256M or 5 %, the smaller, if unset",
  }),
  retainTags: countSetting({
    flag: "--retain-tags <days>",
    env: "DECNET_TTP_RETAIN_TAGS",
    description: "remove tags that are older; all are kept when not said",
  }),
  requireBus: switchSetting({
    flag: "--require-bus",
    env: "DECNET_TTP_REQUIRE_BUS",
    description: "end with 5 when there is no connection after the connect timeout",
  }),
  connectTimeout: durationSetting({
    flag: "--connect-timeout <time>",
    env: "DECNET_TTP_CONNECT_TIMEOUT",
    description: "how long --require-bus waits",
    fallback: "10s",
  }),
  trustControl: switchSetting({
    flag: "--trust-control",
    env: "DECNET_TTP_TRUST_CONTROL",
    description: "obey whoever can publish on the bus: orders to stop, and states of rules",
    formerly: [
      { name: "control", flag: "--no-control", env: "DECNET_TTP_CONTROL", ...UNTRUSTED },
      {
        name: "remoteStates",
        flag: "--no-remote-states",
        env: "DECNET_TTP_REMOTE_STATES",
        ...UNTRUSTED,
      },
    ],
  }),
  logLevel: choiceSetting({
    flag: "--log-level <level>",
    env: "DECNET_TTP_LOG_LEVEL",
    description: "least level that is logged",
    choices: LOG_LEVELS,
    fallback: "info",
  }),
  logFormat: choiceSetting({
    flag: "--log-format <format>",
    env: "DECNET_TTP_LOG_FORMAT",
    description: "how log lines look",
    choices: LOG_FORMATS,
    fallback: "text",
  }),
};
