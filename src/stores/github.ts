/** Secrets of GitHub Actions and Dependabot. They can be replaced and never read. */
import { Secret } from '../core/secret.ts';
import { StoreError } from '../errors/store.ts';
import type { StoreConfig } from '../providers/store-schema.ts';
import { credentialOf, need } from './credentials.ts';
import { ONLY_PART, byField, fieldsOf, requireFields } from './fields.ts';
import { listAt, member, textAt } from './json-shape.ts';
import { sealed, sodiumLibrary } from './sealed-box.ts';
import type { StoreServices } from './services.ts';
import type { Changes, PutHow, Retired, Store, StoreState, StoreVersion } from './store.ts';
import { type Dialect, type StoreRequest, addressOf, ask, below, plainSegments, unreadable } from './wire.ts';

type Config = StoreConfig<'github-actions'>;

const NAME = /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,199}$/i;
const PAGE = 100;
const MOST_PAGES = 50;

/** @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const DIALECT: Dialect = {
  word: ({ json }) => textAt(json, 'message'),
  judge({ status, headers }, word) {
    const exhausted = headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined;
    if (status === 403 && (exhausted || /rate limit/i.test(word ?? ''))) return 'STORE_THROTTLED';
    return status === 422 ? 'STORE_REFUSED' : undefined;
  },
};

/** Path segments of the collection of secrets, and of the key they are sealed with. */
function rootOf(config: Config): string[] {
  const { name, repository, environment, organization, dependabot } = config;
  const invalid = (what: string) => new StoreError('STORE_CONFIG', `store.${name} ${what}`);
  const app = dependabot === true ? 'dependabot' : 'actions';
  if ((repository === undefined) === (organization === undefined))
    throw invalid('needs either a repository or an organization');
  if (organization !== undefined) {
    if (environment !== undefined) throw invalid('has an environment, which only a repository has');
    return ['orgs', ...plainSegments(organization, name), app, 'secrets'];
  }
  const owner = plainSegments(repository ?? '', name);
  if (owner.length !== 2) throw invalid('needs a repository as OWNER/NAME');
  if (environment === undefined) return ['repos', ...owner, app, 'secrets'];
  if (dependabot === true) throw invalid('has an environment, which Dependabot does not');
  return ['repos', ...owner, 'environments', environment, 'secrets'];
}

function namesOf(config: Config): ReadonlyMap<string, string> {
  const fields = fieldsOf(config) ?? (config.secret === undefined ? null : new Map([[ONLY_PART, config.secret]]));
  if (!fields || [...fields.values()].some((one) => !NAME.test(one)))
    throw new StoreError(
      'STORE_CONFIG',
      `store.${config.name} needs a secret or fields, each a name that GitHub allows`,
    );
  return fields;
}

export function openGitHub(config: Config, services: StoreServices): Store {
  const { name } = config;
  const names = namesOf(config);
  const root = rootOf(config);
  const base = addressOf(config.address ?? 'https://api.github.com', name);

  async function send(
    method: StoreRequest['method'],
    rest: readonly string[],
    content: Readonly<Record<string, unknown>> | null = null,
    { query = {}, secrets = [] }: { query?: Readonly<Record<string, string>>; secrets?: readonly Secret[] } = {},
  ): Promise<unknown> {
    const token = need(await credentialOf(config, services), 'token');
    const request: StoreRequest = {
      method,
      url: below(base, [...root, ...rest], query),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: new Secret(`Bearer ${token.reveal()}`),
        'x-github-api-version': '2022-11-28',
        ...(content === null ? {} : { 'content-type': 'application/json' }),
      },
      body: content === null ? null : new Secret(JSON.stringify(content)),
      // The same value a second time is the same secret.
      effect: method === 'GET' ? 'read' : 'again',
      secrets: [token, ...secrets],
    };
    return (await ask(services, request, DIALECT)).json;
  }

  /** When each secret was last written; a name that GitHub does not have is an error. */
  async function described(): Promise<readonly unknown[]> {
    const found: unknown[] = [];
    for (const secret of names.values()) found.push(await send('GET', [secret]));
    return found;
  }

  async function version(): Promise<StoreVersion> {
    const times = (await described()).map((one) => textAt(one, 'updated_at')).filter((time) => time !== null);
    return { id: null, createdAt: times.toSorted().at(-1) ?? null };
  }

  async function selectedRepositories(secret: string): Promise<number[]> {
    const ids: number[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const query = { per_page: String(PAGE), page: String(page) };
      const list = listAt(await send('GET', [secret, 'repositories'], null, { query }), 'repositories');
      ids.push(...list.map((one) => member(one, 'id')).filter((id) => typeof id === 'number'));
      if (list.length < PAGE) return ids;
    }
    throw new StoreError('STORE_VALUE', `${secret} is given to more repositories than are counted here`);
  }

  /** An organisation's secret is written together with who may see it, which must stay as it is. */
  async function audience(secret: string): Promise<Record<string, unknown>> {
    if (config.organization === undefined) return {};
    const visibility = textAt(await send('GET', [secret]), 'visibility');
    if (visibility === null) throw unreadable('visibility');
    if (visibility !== 'selected') return { visibility };
    return { visibility, selected_repository_ids: await selectedRepositories(secret) };
  }

  async function publicKey(): Promise<{ readonly id: string; readonly key: string }> {
    const answer = await send('GET', ['public-key']);
    const [id, key] = [textAt(answer, 'key_id'), textAt(answer, 'key')];
    if (id === null || key === null) throw unreadable('public key');
    return { id, key };
  }

  async function write(values: Changes): Promise<StoreVersion> {
    const { id, key } = await publicKey();
    const written: string[] = [];
    try {
      for (const [secret, value] of byField(values, names, name)) {
        if (value === null) throw new StoreError('STORE_VALUE', `${secret} of store.${name} is not taken away`);
        const box = await sealed(value, key);
        const content = { encrypted_value: box.reveal(), key_id: id, ...(await audience(secret)) };
        await send('PUT', [secret], content, { secrets: [value, box] });
        written.push(secret);
      }
    } catch (cause) {
      if (written.length === 0) throw cause;
      // A refusal would say that the store holds nothing of the new key.
      throw new StoreError(
        'STORE_OUTCOME_UNKNOWN',
        `store.${name}: ${written.join(', ')} was written, the rest was not`,
        {
          cause,
        },
      );
    }
    return version();
  }

  return {
    name,
    kind: 'github-actions',
    description: `${[...names.values()].join(', ')} of ${root.slice(0, -1).join('/')}`,
    async read(): Promise<StoreState> {
      return { ...(await version()), values: null };
    },
    async check(parts) {
      requireFields(parts, names, name);
      await sodiumLibrary();
      await publicKey();
    },
    async put(values: Changes, { expected }: PutHow) {
      if (expected !== null && expected.createdAt !== (await version()).createdAt)
        throw new StoreError('STORE_CONFLICT', `store.${name} was written since it was looked at`);
      return write(values);
    },
    async find() {
      throw new StoreError(
        'STORE_OUTCOME_UNKNOWN',
        `store.${name} gives no value back, so a write cannot be recognised`,
      );
    },
    async retire({ createdAt }: StoreVersion): Promise<Retired> {
      return (await version()).createdAt === createdAt ? 'kept' : 'overwritten';
    },
  };
}
