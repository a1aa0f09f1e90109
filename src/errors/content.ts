/** Limits and formats that stop the engine in front of content; reported in coverage, not thrown. */
export type ContentProblemCode =
  | 'ARCHIVE_DAMAGED'
  | 'ARCHIVE_ENCRYPTED'
  | 'ARCHIVE_METHOD'
  | 'ARCHIVE_BYTES'
  | 'ARCHIVE_ENTRIES'
  | 'ARCHIVE_DEPTH'
  | 'ARCHIVE_TOO_LARGE'
  | 'DECODE_DEPTH'
  | 'DECODE_LIMIT'
  | 'ITEM_LIMIT'
  | 'EXPRESSION_LIMIT'
  | 'FINGERPRINT_LIMIT';

const UNPACK = 'Unpack it and scan the folder, or exclude its path.';
const DECODE = 'Decode the file and scan the result, or exclude its path.';

export const CONTENT_MENDS: Record<ContentProblemCode, string> = {
  ARCHIVE_DAMAGED: 'Check whether it is meant to be one; if not, exclude its path.',
  ARCHIVE_ENCRYPTED: 'Unpack it with its password and scan the folder, or exclude its path.',
  ARCHIVE_METHOD: UNPACK,
  ARCHIVE_BYTES: UNPACK,
  ARCHIVE_ENTRIES: UNPACK,
  ARCHIVE_DEPTH: UNPACK,
  ARCHIVE_TOO_LARGE: UNPACK,
  DECODE_DEPTH: DECODE,
  DECODE_LIMIT: DECODE,
  ITEM_LIMIT: 'Look at the blob yourself: it is not an ordinary file. Exclude its path if it is test data.',
  EXPRESSION_LIMIT:
    'Simplify its expression or narrow its keywords; where the rule is of a repository that you do not trust, use --ignore-repo-config.',
  FINGERPRINT_LIMIT: 'Exclude the file of passwords, if it is test data, or scan it alone and look at it yourself.',
};

/** What to do about a problem with content. */
export function contentMend(code: ContentProblemCode): string {
  return CONTENT_MENDS[code];
}
