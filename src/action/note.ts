import { isScanError } from '../errors/base.ts';
import { markdownCode } from '../report/escape/markdown.ts';
import { terminalText } from '../report/escape/terminal.ts';

/** Something to tell besides the findings: a sentence of ours, and what somebody else said. */
export interface Note {
  readonly sentence: string;
  readonly why: string | null;
}

export function note(sentence: string, why: string | null = null): Note {
  return { sentence, why };
}

/** For the log. */
export function noteLine({ sentence, why }: Note): string {
  return `unleak: ${terminalText(sentence)}${why === null ? '' : ` (${terminalText(why)})`}\n`;
}

/** For the summary. */
export function noteItem({ sentence, why }: Note): string {
  return `- ${sentence}${why === null ? '' : ` (${markdownCode(why)})`}`;
}

/** Does what changes no verdict; what keeps it from being done is told. */
export async function trying(what: string, rest: string, work: () => Promise<Note[]>): Promise<Note[]> {
  try {
    return await work();
  } catch (error) {
    if (!isScanError(error)) throw error;
    const because = error.code === 'GITHUB_FORBIDDEN' ? 'The token may only read. ' : '';
    return [note(`${what}. ${because}${rest} ${error.mend ?? ''}`, `${error.code}: ${error.message}`)];
  }
}
