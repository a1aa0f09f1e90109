import { isScanError } from './base.ts';
import { limitError } from './system.ts';

/** An error as people are told of it, and as a report has it. */
export interface Described {
  /** `INTERNAL` for one that nobody foresaw. */
  readonly code: string;
  readonly message: string;
  /** What to do next; empty where there is nothing to say. */
  readonly mend: string;
}

export function described(thrown: unknown): Described {
  const error = limitError(thrown);
  if (isScanError(error)) return { code: error.code, message: error.message, mend: error.mend ?? '' };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: 'INTERNAL', message, mend: 'report this with the command that you ran' };
}
