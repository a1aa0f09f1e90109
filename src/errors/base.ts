/** What travels with an error besides its sentence. Never a secret. */
export interface ErrorNotes {
  /** One thing to do next, as a sentence or a command. */
  readonly mend?: string;
  /** Facts worth printing: paths, counts, ids. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/**
 * Base of every error this project throws on purpose. Match on `code`, which
 * never changes, not on the class: two copies of the package may be loaded.
 */
export abstract class ScanError extends Error {
  abstract readonly code: string;
  readonly mend: string | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(message: string, notes: ErrorNotes = {}) {
    super(message, notes.cause === undefined ? {} : { cause: notes.cause });
    this.mend = notes.mend;
    this.facts = notes.facts ?? {};
  }
}

/** True for our own errors, also those of another loaded copy of the package. */
export function isScanError(value: unknown): value is ScanError {
  return (
    value instanceof Error && 'code' in value && typeof value.code === 'string' && 'mend' in value && 'facts' in value
  );
}
