import { url as inspectorUrl } from 'node:inspector';

import { RespondError } from '../errors/respond.ts';

/** Options of node that write memory, headers or keys to disk, or open the process to a debugger. */
const FORBIDDEN =
  /^--(?:report-|experimental-report|diagnostic-report|heapsnapshot|heap-prof|inspect|debug|cpu-prof|trace-(?:event|tls)|tls-keylog|abort-on-uncaught)/;

function words(options: string | undefined): string[] {
  return (options ?? '').split(/\s+/).filter((word) => word !== '');
}

/** What makes this process unfit to hold secrets; null if nothing does. */
export function unsafeReason(
  execArgv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  debugger_: string | undefined = inspectorUrl(),
): string | null {
  const option = [...execArgv, ...words(environment['NODE_OPTIONS'])].find((word) => FORBIDDEN.test(word));
  if (option !== undefined) return `node runs with ${option.split('=')[0]}`;
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    return 'NODE_TLS_REJECT_UNAUTHORIZED=0 accepts any certificate';
  if (/\b(?:http|https|net|tls|stream)\b|\*/i.test(environment['NODE_DEBUG'] ?? ''))
    return 'NODE_DEBUG prints what is sent';
  if (debugger_ !== undefined) return 'a debugger is attached';
  return null;
}

/** @throws RespondError `RUNTIME_UNSAFE` */
export function refuseUnsafeRuntime(): void {
  const reason = unsafeReason(process.execArgv, process.env);
  if (reason !== null) throw new RespondError('RUNTIME_UNSAFE', `No credential is read while ${reason}`);
}

/** Events on which a stranger decides what runs: nothing is revoked there. */
const STRANGERS = /^(?:pull_request(?:_\w+)?|merge_group|workflow_run|issue_comment|discussion\w*|fork)$/;

/** Why this run may revoke nothing: a CI event that anyone can cause; null elsewhere. */
export function distrustedEvent(environment: Readonly<Record<string, string | undefined>>): string | null {
  const event = environment['GITHUB_EVENT_NAME'];
  if (event !== undefined && STRANGERS.test(event)) return `this run was started by ${event}, which anyone can cause`;
  if (environment['CI_MERGE_REQUEST_IID'] !== undefined) return 'this run was started by a merge request';
  const ref = environment['GITHUB_REF_NAME'];
  const trunk = environment['UNLEAK_DEFAULT_BRANCH'];
  if (event === 'push' && trunk !== undefined && ref !== trunk) return `this push is not to ${trunk}`;
  return null;
}
