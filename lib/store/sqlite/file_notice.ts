/** What can happen to the files of a database and be dealt with. */
export type FileEvent = "log_removed" | "log_cut" | "index_removed" | "index_cut";

/** Something that happened to them and was dealt with. */
export interface FileNotice {
  readonly event: FileEvent;
  /** What happened and what it means. */
  readonly text: string;
  /** Pages that were committed, and may have been acknowledged, and are gone. */
  readonly lostPages: number;
}

const WORDS: Readonly<Record<FileEvent, (pages: number) => string>> = {
  log_removed: (pages) => `the write-ahead log was removed; the ${pages} pages in it are saved`,
  log_cut: (pages) =>
    `the write-ahead log was cut; ${pages} pages written since the last checkpoint are lost`,
  index_removed: () => "the index of the write-ahead log was removed; it is made anew",
  index_cut: () => "the index of the write-ahead log was cut; it is made anew",
};

/**
 * Tells of what happened to a database.
 *
 * @param file path of the database
 * @param pages that were saved or lost
 */
export function fileNotice(file: string, event: FileEvent, pages: number): FileNotice {
  const text = `database ${file}: ${WORDS[event](pages)}`;
  return { event, text, lostPages: event === "log_cut" ? pages : 0 };
}
