import { readFileSync, statSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';

import { RespondError } from '../errors/respond.ts';
import { parseJson } from '../http/body.ts';
import { textAt } from '../providers/path.ts';

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

type Environment = Readonly<Record<string, string | undefined>>;

/** Events of GitHub (and of Gitea and Forgejo, which use its names) that nobody can cause who may not write. */
const OWN_EVENTS: readonly string[] = ['push', 'schedule', 'workflow_dispatch'];

/** Variables by which other CI servers say that a run is about a change that anyone can propose. */
const PROPOSALS: readonly (readonly [name: string, not: readonly string[]])[] = [
  ['CI_MERGE_REQUEST_IID', []],
  ['BITBUCKET_PR_ID', []],
  ['SYSTEM_PULLREQUEST_PULLREQUESTID', []],
  ['CIRCLE_PULL_REQUEST', []],
  ['BUILDKITE_PULL_REQUEST', ['false']],
  ['TRAVIS_PULL_REQUEST', ['false']],
  ['DRONE_PULL_REQUEST', []],
  ['CI_COMMIT_PULL_REQUEST', []],
  ['CHANGE_ID', []],
  ['APPVEYOR_PULL_REQUEST_NUMBER', []],
  ['CIRRUS_PR', []],
  ['SEMAPHORE_GIT_PR_NUMBER', []],
];

const LARGEST_EVENT = 4 * 1024 * 1024;

/** The default branch as the event's own document has it; null if it cannot be read. */
function defaultBranch(environment: Environment): string | null {
  const file = environment['GITHUB_EVENT_PATH'];
  if (file === undefined) return null;
  try {
    return statSync(file).size > LARGEST_EVENT
      ? null
      : textAt(parseJson(readFileSync(file, 'utf8')), 'repository.default_branch');
  } catch {
    return null;
  }
}

/** Why this run may revoke nothing: a CI event that anyone can cause, or a branch that is not the trunk; null elsewhere. */
export function distrustedEvent(environment: Environment): string | null {
  const event = environment['GITHUB_EVENT_NAME'];
  if (event !== undefined && !OWN_EVENTS.includes(event)) return `this run was started by ${event}`;
  if (event === 'push') {
    const trunk = defaultBranch(environment);
    if (trunk === null) return 'this run was started by a push, and the default branch cannot be read from its event';
    if (environment['GITHUB_REF'] !== `refs/heads/${trunk}`) return `this push is not to ${trunk}`;
  }
  const proposal = PROPOSALS.find(([name, not]) => {
    const value = environment[name] ?? '';
    return value !== '' && !not.includes(value);
  });
  return proposal === undefined ? null : `this run is about a proposed change (${proposal[0]} is set)`;
}
