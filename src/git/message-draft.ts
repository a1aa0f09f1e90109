/** What of an edited message file `git commit` will record. */

export interface DraftOptions {
  /** A person edited it, so lines of git's own may be in it. */
  readonly edited: boolean;
  /** `core.commentString` or `core.commentChar`; `auto` for the one that git chose. Default: `#`. */
  readonly comment?: string;
  /** `commit.cleanup`. Default: `default`. */
  readonly cleanup?: string;
}

/** The marks that git chooses among for `auto`. */
const MARKS = '#;@!$%^&|:';

const CUT = ' ------------------------ >8 ------------------------';

/**
 * Leaves out comment lines, and what git put below its scissors line, where
 * git will. Where that cannot be known, a line stays: one too many is looked
 * at rather than one too few.
 */
export function draftText(file: string, { edited, comment = '#', cleanup = 'default' }: DraftOptions): string {
  const keepsComments = edited ? !['default', 'strip'].includes(cleanup) : cleanup !== 'strip';
  const mark = comment === 'auto' ? chosenMark(file) : comment;
  if (mark === '' || cleanup === 'verbatim') return file;
  const text = edited ? aboveScissors(file, mark) : file;
  if (keepsComments) return text;
  return text
    .split('\n')
    .filter((line) => !line.startsWith(mark))
    .join('\n');
}

/** git explains the line that it cuts at in comments below it; one that stands alone was typed. */
function aboveScissors(file: string, mark: string): string {
  const lines = file.split('\n');
  const at = lines.findIndex((line, i) => line === mark + CUT && lines[i + 1]?.startsWith(mark) === true);
  return at === -1 ? file : `${lines.slice(0, at).join('\n')}\n`;
}

/** git's own lines stand last, unless a diff follows. */
function chosenMark(file: string): string {
  const scissors = [...MARKS].find((mark) => file.includes(`\n${mark}${CUT}\n`));
  const last = file.trimEnd().split('\n').at(-1)?.charAt(0) ?? '';
  return scissors ?? (last !== '' && MARKS.includes(last) ? last : '');
}
