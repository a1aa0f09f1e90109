import { ActionError } from '../errors/action.ts';
import { serverUrl } from './remote.ts';
import { type Environment, type Runner } from './runner.ts';

const TIMEOUT_MS = 15_000;
const LARGEST = 64 * 1024;

/**
 * What GitHub says of this very job: its event, ref and environment. The
 * variables of a job name no environment, and a job's own steps could set them.
 *
 * @throws ActionError `ACTION_REVOKE_REFUSED` without `id-token: write`
 */
export async function jobIdentity(runner: Runner, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const { url, token } = requestOf(runner.environment);
  const headers = { authorization: `bearer ${token}`, accept: 'application/json' };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  let text: string;
  try {
    const answer = await fetch(url, { headers, redirect: 'error', signal: limit });
    text = answer.ok ? (await answer.text()).slice(0, LARGEST) : '';
  } catch (cause) {
    throw refused('GitHub did not say who this job is', cause);
  }
  const identity = /"value"\s*:\s*"([\w.=-]+)"/.exec(text)?.[1];
  if (identity === undefined) throw refused('GitHub did not say who this job is');
  runner.mask(identity);
  return claimsOf(identity);
}

function requestOf(environment: Environment): { readonly url: string; readonly token: string } {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = '' } = environment;
  if (address === '' || token === '')
    throw refused('the job has no `permissions: id-token: write` to prove what it is');
  const url = serverUrl(address);
  url.searchParams.set('audience', 'unleak');
  return { url: url.href, token };
}

/** The middle part of the token. It came from GitHub itself over https, so its signature adds nothing. */
function claimsOf(identity: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(identity.split('.')[1] ?? '', 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value));
  } catch {
    // Said below.
  }
  throw refused('GitHub’s word on this job cannot be read');
}

function refused(why: string, cause?: unknown): ActionError {
  return new ActionError('ACTION_REVOKE_REFUSED', why, { cause });
}
