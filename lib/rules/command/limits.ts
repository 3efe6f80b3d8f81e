/**
 * What one text may cost. Everything an attacker types is bounded here, so that
 * analysis takes time in proportion to the text and never more than a few
 * milliseconds: the figures are far above what real sessions show (longest
 * dropper line on record: about 4 KiB and 60 commands).
 */
export const COMMAND_LIMITS = {
  /** Characters of a text that are looked at; the rest is left to nobody (page 3: 64 KiB). */
  textCharacters: 64 * 1024,
  /** Simple commands kept of one text, nested and decoded ones included. */
  commands: 1_000,
  /** Scripts inside scripts: `sh -c`, substitutions, decoded payloads. */
  depth: 12,
  /** Commands among the words of commands: `find -exec find -exec …`. */
  wordDepth: 4,
  /** Payloads decoded inside decoded payloads. */
  decodeLevels: 2,
  /** Characters parsed for one text, the text itself included. */
  parsedCharacters: 256 * 1024,
  /** Characters that expansions may produce for one text. */
  expandedCharacters: 256 * 1024,
  /** Fields that one word may become. */
  fieldsPerWord: 64,
  /** Characters of one variable's value, or of one file remembered. */
  valueCharacters: 16 * 1024,
  /** Variables and files remembered. */
  names: 256,
  /** Times that parsing goes on behind a token that cannot stand there. */
  restarts: 32,
} as const;
