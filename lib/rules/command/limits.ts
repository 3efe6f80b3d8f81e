/**
 * What is kept of one text; what reading it may cost is bounded in steps, see
 * `READING_STEPS`. The figures are far above what real sessions show (longest
 * dropper line on record: about 4 KiB and 60 commands).
 */
export const COMMAND_LIMITS = {
  /** Characters of a text that are looked at; the rest is left to nobody (page 3: 64 KiB). */
  textCharacters: 64 * 1024,
  /** Simple commands kept of one text, nested ones included. */
  commands: 512,
  /** Simple commands kept besides, of a text that was not read to its end. */
  separatedCommands: 512,
  /** Scripts inside scripts: `sh -c`, substitutions, decoded payloads. */
  depth: 12,
  /** Commands among the words of commands: `find -exec find -exec …`. */
  wordDepth: 4,
  /** Payloads decoded inside decoded payloads. */
  decodeLevels: 2,
  /** Payloads of one text that are looked into. */
  decodedTexts: 8,
  /** Fields that one word may become. */
  fieldsPerWord: 64,
  /** Characters of a brace list that is expanded. */
  braceCharacters: 4 * 1024,
  /** Characters of one variable's value, or of one file remembered. */
  valueCharacters: 16 * 1024,
  /** Variables and files remembered. */
  names: 256,
  /** Times that parsing goes on behind a token that cannot stand there. */
  restarts: 32,
} as const;
