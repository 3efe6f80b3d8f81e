const WORD_CHARACTER_REGEXP = /[\p{L}\p{N}_]/u;

/**
 * Finds the first of some words or phrases that stands in a text as whole
 * words, in any case and over any run of white space.
 *
 * @param words in lower case, with single blanks
 * @returns the word as the list has it, never the text's own spelling
 */
export function findWord(text: string, words: readonly string[]): string | undefined {
  const plain = text.toLowerCase().replaceAll(/\s+/g, " ");
  return words.find((word) => standsIn(plain, word));
}

function standsIn(text: string, word: string): boolean {
  if (word === "") return false;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const end = at + word.length;
    if (!isWordCharacter(text[at - 1]) && !isWordCharacter(text[end])) return true;
  }
  return false;
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && WORD_CHARACTER_REGEXP.test(character);
}
