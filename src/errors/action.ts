import { type ErrorNotes, ScanError } from './base.ts';

/** Ways the Action can be unable to do what it was asked for. Codes are API: add freely, never rename. */
export type ActionErrorCode =
  | 'ACTION_ENVIRONMENT'
  | 'ACTION_INPUT'
  | 'ACTION_EVENT'
  | 'ACTION_PAYLOAD'
  | 'ACTION_FETCH'
  | 'ACTION_REVOKE_REFUSED';

export const ACTION_MENDS: Record<ActionErrorCode, string> = {
  ACTION_ENVIRONMENT: 'Run it as a step of a workflow; by hand, use the command `unleak commits`.',
  ACTION_INPUT: 'Correct the value under `with:`; docs/ACTION.md lists what each input takes.',
  ACTION_EVENT:
    'Run it on pull_request, pull_request_target, push, merge_group, schedule or workflow_dispatch; docs/ACTION.md has a workflow.',
  ACTION_PAYLOAD: 'Run the workflow again; if it stays, report this with the name of the event.',
  ACTION_FETCH: 'Give the job `permissions: contents: read`, or check the repository out with `fetch-depth: 0` before.',
  ACTION_REVOKE_REFUSED:
    'Revoke only on a push to the default branch, schedule or workflow_dispatch, in a job with a protected environment.',
};

/** What to do about a problem of the Action. */
export function actionMend(code: ActionErrorCode): string {
  return ACTION_MENDS[code];
}

export class ActionError extends ScanError {
  override readonly name = 'ActionError';
  readonly code: ActionErrorCode;

  constructor(code: ActionErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: ACTION_MENDS[code], ...notes });
    this.code = code;
  }
}
