import { ActionError } from '../errors/action.ts';
import { isScanError } from '../errors/base.ts';
import type { GitInvocation } from '../git/spawn.ts';
import { runGit } from '../git/run.ts';
import { type Environment, required } from './runner.ts';

/** The repository on the server, and how to ask for it. */
export interface Remote {
  readonly url: string;
  /** Fetches refs and objects into a bare repository of ours. @throws GitError `GIT_FAILED` with what git said */
  fetch(invocation: GitInvocation, args: readonly string[], signal: AbortSignal): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
/** Proxies and certificates that the machine's owner set. */
const NETWORK_VARIABLES =
  /^(?:(?:https?|all|no)_proxy|ssl_cert_(?:file|dir)|git_ssl_(?:cainfo|capath)|git_proxy_ssl_cainfo|curl_ca_bundle)$/i;

/**
 * @throws ActionError `ACTION_ENVIRONMENT` for an address that a token must not be sent to
 */
export function remoteFor(environment: Environment, token: string): Remote {
  const server = serverUrl(required(environment, 'GITHUB_SERVER_URL'));
  const repository = repositoryName(environment);
  const extra = { ...networkVariables(environment), ...configuration([...SETTINGS, ...credentials(server, token)]) };
  return {
    url: `${server.href.replace(/\/$/, '')}/${repository}`,
    async fetch(invocation, args, signal) {
      const allowed = { ...invocation.environment, ...extra, GIT_ALLOW_PROTOCOL: server.protocol.slice(0, -1) };
      await runGit({ ...invocation, environment: allowed }, ['fetch', ...OPTIONS, ...args], { signal });
    },
  };
}

/** `owner/name`. @throws ActionError `ACTION_ENVIRONMENT` */
export function repositoryName(environment: Environment): string {
  const name = required(environment, 'GITHUB_REPOSITORY');
  if (!/^[\w.-]+\/[\w.-]+$/.test(name) || /(?:^|\/)\.\.?(?:\/|$)/.test(name))
    throw new ActionError('ACTION_ENVIRONMENT', `GITHUB_REPOSITORY is ${JSON.stringify(name)}`);
  return name;
}

/** https, or this machine. @throws ActionError `ACTION_ENVIRONMENT` */
export function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (url === null || !safe || url.username !== '' || url.password !== '')
    throw new ActionError('ACTION_ENVIRONMENT', `${JSON.stringify(text)} is no https address`);
  return url;
}

function networkVariables(environment: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && NETWORK_VARIABLES.test(name)) kept[name] = value;
  return kept;
}

/** The token goes by a header for this server alone: in no address, no argument and no file. */
function credentials(server: URL, token: string): Setting[] {
  if (token === '') return [];
  const key = `http.${server.origin}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  // An empty value takes back what the machine's configuration sends: two such headers are an error.
  return [
    [key, ''],
    [key, `AUTHORIZATION: basic ${basic}`],
  ];
}

type Setting = readonly [key: string, value: string];

const SETTINGS: readonly Setting[] = [
  ['credential.helper', ''],
  ['http.followRedirects', 'false'],
  // A connection that died is no reason to wait for hours.
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '60'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.unpackLimit', '1'],
  ['fetch.writeCommitGraph', 'false'],
  ['transfer.bundleURI', 'false'],
  // Git would start another git in the checkout to list its refs.
  ['core.alternateRefsCommand', ':'],
];

/** Settings by the environment, where no list of processes shows them. */
function configuration(settings: readonly Setting[]): Record<string, string> {
  const pairs = settings.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}

const OPTIONS = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--force'];

/** The want that the server does not have, as git names it; null if it failed for another reason. */
export function missingWant(error: unknown): string | null {
  if (!isScanError(error) || error.code !== 'GIT_FAILED') return null;
  return /not our ref ([0-9a-f]+)|couldn't find remote ref (\S+)/.exec(error.message)?.slice(1).find(Boolean) ?? null;
}

/** Whether asking again may help: the network or the server failed, and nobody refused. */
export function mayPass(error: unknown): boolean {
  if (!isScanError(error) || error.code !== 'GIT_FAILED') return false;
  return /RPC failed|early EOF|hung up|timed out|[Cc]ould not resolve|[Ff]ailed to connect|error: 5\d\d/.test(
    error.message,
  );
}
