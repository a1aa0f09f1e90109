/** A file to scan, by the name the file system knows it by. */
export interface ListedFile {
  /** Absolute; bytes where the name is not valid UTF-8. */
  readonly location: string | Buffer;
  /** What tracked-but-deleted means for it: listed by git's index, so its absence is no accident. */
  readonly mayBeAbsent: boolean;
}

/** Something that was met and is not read. */
export interface Omission {
  readonly reason: string;
  readonly path: string;
  readonly setBy?: string;
}

export type Listed = ListedFile | Omission;

export function isOmission(listed: Listed): listed is Omission {
  return 'reason' in listed;
}
