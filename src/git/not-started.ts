import { GitError } from '../errors/git.ts';
import { SystemError, limitError } from '../errors/system.ts';

/** Why git could not be started. @param cause - what the system said */
export function notStarted(cause: Error): GitError | SystemError {
  const limit = limitError(cause);
  return limit instanceof SystemError ? limit : new GitError('GIT_NOT_FOUND', 'git could not be started', { cause });
}
