import { type ErrorNotes, ScanError } from './base.ts';

/** Limits of the system, or of the shell that the program was started from. */
export type SystemErrorCode = 'SYSTEM_LIMIT';

export const SYSTEM_MENDS: Record<SystemErrorCode, string> = {
  SYSTEM_LIMIT:
    'Raise the limit where the command is started (`ulimit -n 1024` for open files, `ulimit -u` for processes), and run it again.',
};

export class SystemError extends ScanError {
  override readonly name = 'SystemError';
  readonly code: SystemErrorCode;

  constructor(code: SystemErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: SYSTEM_MENDS[code], ...notes });
    this.code = code;
  }
}

/** What Node calls a limit, and how often one says so: whatever was being done, or only while a process was being started. */
const LIMITS: Readonly<Record<string, { readonly what: string; readonly starting: boolean }>> = {
  EMFILE: { what: 'this process may not open more files', starting: false },
  ENFILE: { what: 'no more files can be open on this machine', starting: false },
  EAGAIN: { what: 'no more processes may be started', starting: true },
  ENOMEM: { what: 'there is no memory left to start a process', starting: true },
};

/** @returns `SYSTEM_LIMIT` for an error of the system that says that it gives no more; any other as it is */
export function limitError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const limit = LIMITS[String(error.code)];
  if (limit === undefined || (limit.starting && !String(error.syscall).startsWith('spawn'))) return error;
  return new SystemError('SYSTEM_LIMIT', `${limit.what} (${String(error.code)})`, { cause: error });
}
