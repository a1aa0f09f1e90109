import { ActionError } from '../errors/action.ts';
import { type Payload, isBranch } from './payload.ts';
import { type Environment, required } from './runner.ts';

/** What an event asks for. */
export type Plan = RangePlan | HistoryPlan | NothingPlan;

interface Common {
  /** Name of the event. */
  readonly event: string;
  /**
   * Whose configuration counts: a branch that only trusted people can change
   * (its present tip), else a commit. Null trusts nothing.
   */
  readonly trusted: { readonly branch: string | null; readonly commit: string | null };
  /** A push to the default branch, a schedule, or a person: nobody else's run may revoke. */
  readonly mayRevoke: boolean;
}

/** Every commit that `head` reaches and `base` does not. */
export interface RangePlan extends Common {
  readonly kind: 'range';
  readonly head: string;
  /** Null where nothing is excluded. */
  readonly base: string | null;
  /** Branches whose commits are left out as well, where the event names no base. */
  readonly exclude: readonly string[];
  /** Commits expected, where GitHub says; decides how much is fetched at first. */
  readonly commits: number | null;
  /** The ref that `head` is, for fetching it and for code scanning. */
  readonly ref: string;
  /** Names of branches and tags that came along; a key can stand in one. */
  readonly names: readonly string[];
  readonly pull: PullRequest | null;
}

export interface HistoryPlan extends Common {
  readonly kind: 'history';
  readonly head: string;
  readonly ref: string;
  readonly pull: null;
}

export interface NothingPlan {
  readonly kind: 'nothing';
  readonly event: string;
  readonly why: string;
}

export interface PullRequest {
  readonly number: number;
  /** From another repository: `pull_request` then has a read-only token. */
  readonly fork: boolean;
  /** Comments it had when the event was sent. */
  readonly comments: number;
}

const NOT_TRUSTED: Common['trusted'] = { branch: null, commit: null };

/**
 * Decides what is scanned, and whose configuration holds, from the event alone.
 *
 * @throws ActionError `ACTION_EVENT`, `ACTION_PAYLOAD`, `ACTION_ENVIRONMENT`
 */
export function planFor(environment: Environment, payload: Payload): Plan {
  const event = required(environment, 'GITHUB_EVENT_NAME');
  switch (event) {
    case 'pull_request':
    case 'pull_request_target':
      return pullRequest(event, payload);
    case 'push':
      return push(payload);
    case 'merge_group':
      return mergeGroup(payload);
    case 'schedule':
    case 'workflow_dispatch':
      return history(event, environment, payload);
    default:
      throw new ActionError('ACTION_EVENT', `Nothing is known of the event ${JSON.stringify(event)}`);
  }
}

function pullRequest(event: string, payload: Payload): RangePlan | NothingPlan {
  const head = payload.id('pull_request', 'head', 'sha');
  const base = payload.id('pull_request', 'base', 'sha');
  const number = payload.count('pull_request', 'number');
  if (head === null || base === null || number === null || number === 0)
    throw new ActionError('ACTION_PAYLOAD', 'The event names no pull request');
  return {
    kind: 'range',
    event,
    head,
    base,
    exclude: [],
    // The tip, not the commit that the event names: what was allowed or forbidden since then holds.
    trusted: { branch: payload.branch('pull_request', 'base', 'ref'), commit: base },
    mayRevoke: false,
    commits: payload.count('pull_request', 'commits'),
    ref: `refs/pull/${number}/head`,
    names: [payload.text('pull_request', 'head', 'ref') ?? ''],
    pull: {
      number,
      fork: payload.text('pull_request', 'head', 'repo', 'full_name') !== payload.text('repository', 'full_name'),
      comments: payload.count('pull_request', 'comments') ?? 1,
    },
  };
}

function push(payload: Payload): RangePlan | NothingPlan {
  const ref = fullRef(payload.text('ref'));
  const head = payload.id('after');
  const before = payload.id('before');
  if (head === null) return { kind: 'nothing', event: 'push', why: 'the push deleted a ref' };
  const trunk = payload.branch('repository', 'default_branch');
  const toTrunk = ref === `refs/heads/${trunk}`;
  const { length } = listOf(payload.at('commits'));
  return {
    kind: 'range',
    event: 'push',
    head,
    base: before,
    // A new branch or tag has no base of its own: what the default branch has was looked at there.
    exclude: before === null && !toTrunk ? [trunk] : [],
    trusted: toTrunk ? { branch: null, commit: before } : { branch: trunk, commit: null },
    mayRevoke: toTrunk,
    commits: length === 0 ? null : length,
    ref,
    names: [ref],
    pull: null,
  };
}

function mergeGroup(payload: Payload): RangePlan {
  const head = payload.id('merge_group', 'head_sha');
  const base = payload.id('merge_group', 'base_sha');
  const into = fullRef(payload.text('merge_group', 'base_ref'));
  if (head === null) throw new ActionError('ACTION_PAYLOAD', 'The event names no merge group');
  return {
    kind: 'range',
    event: 'merge_group',
    head,
    base,
    exclude: [],
    // Its base may be another group that is not merged yet.
    trusted: { branch: into.replace(/^refs\/heads\//, ''), commit: null },
    mayRevoke: false,
    commits: null,
    ref: fullRef(payload.text('merge_group', 'head_ref')),
    names: [],
    pull: null,
  };
}

function history(event: string, environment: Environment, payload: Payload): HistoryPlan {
  const head = required(environment, 'GITHUB_SHA');
  const trunk = payload.text('repository', 'default_branch');
  const branch = trunk !== null && isBranch(trunk) ? trunk : null;
  return {
    kind: 'history',
    event,
    head,
    ref: fullRef(required(environment, 'GITHUB_REF')),
    trusted: branch === null ? NOT_TRUSTED : { branch, commit: null },
    mayRevoke: true,
    pull: null,
  };
}

/** @throws ActionError `ACTION_PAYLOAD` */
function fullRef(ref: string | null): string {
  if (ref === null || !/^refs\/(?:heads|tags|pull)\//.test(ref) || !isBranch(ref))
    throw new ActionError('ACTION_PAYLOAD', 'The event names no ref');
  return ref;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
