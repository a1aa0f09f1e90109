/** Turns an adapter of the user's providers file into declarations, so that it is used like any other provider. */
import { ProviderError } from '../errors/provider.ts';
import type {
  ActionMeaning,
  Answer,
  Auth,
  Call,
  CommandCall,
  Create,
  CredentialKind,
  Identify,
  JsonTemplate,
  Listing,
  Probe,
  ProbeMeaning,
  Provider,
  RevokeWay,
  Sourced,
} from './declaration.ts';
import { placeholders } from './template.ts';
import type { AdapterSource, MatcherSource, RequestSource } from './user-schema.ts';

const MINE: Sourced = { sure: 'inferred', source: 'the adapter in your own providers file' };

function unset(provider: Provider, field: string): ProviderError {
  return new ProviderError(
    'PROVIDER_NOT_PUBLISHED',
    `The adapter of ${provider.id} leaves ${field} unset, and ${provider.title} publishes none`,
    { facts: { provider: provider.id, field } },
  );
}

function answers<M>(matcher: MatcherSource | undefined, means: M): Answer<M>[] {
  if (!matcher) return [];
  const where = Object.entries(matcher.body ?? {}).map(([at, is]) => ({ at, is }));
  return [{ status: matcher.status, where, means }];
}

function isTemplate(value: unknown): value is JsonTemplate {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isTemplate);
  return typeof value === 'object' && Object.values(value).every(isTemplate);
}

function bodyOf(source: RequestSource): Pick<Call<never>, 'body'> {
  if (source.form) return { body: { kind: 'form', value: source.form } };
  if (source.body === undefined) return {};
  if (!isTemplate(source.body)) throw new ProviderError('PROVIDER_FILE_INVALID', 'The body of an adapter is no JSON');
  return { body: { kind: 'json', value: source.body } };
}

interface CallShape<M> {
  readonly name: string;
  readonly source: RequestSource;
  readonly auth: Auth;
  readonly effect: 'read' | 'write';
  readonly method: Call<M>['method'];
  readonly answers: readonly Answer<M>[];
  /** Without an answer that means one of these, the call could never succeed. */
  readonly yes: readonly M[];
  readonly base: string;
}

function callOf<M>(provider: Provider, shape: CallShape<M>): Call<M> {
  const { source } = shape;
  if (source.path === undefined || source.path === '') throw unset(provider, `${shape.name}.path`);
  const accepts = shape.answers.some(({ means }) => shape.yes.includes(means));
  if (!accepts) throw unset(provider, `${shape.name}.success`);
  return {
    ...MINE,
    name: `adapter-${shape.name}`,
    method: source.method ?? shape.method,
    base: shape.base,
    path: source.path,
    auth: shape.auth,
    ...(source.headers ? { headers: source.headers } : {}),
    ...bodyOf(source),
    effect: shape.effect,
    errorAt: source.error === undefined ? ['error', 'message', 'code'] : [source.error],
    answers: shape.answers,
  };
}

function actionAnswers(source: RequestSource): Answer<ActionMeaning>[] {
  return [
    ...answers<ActionMeaning>(source.success, 'ok'),
    ...answers<ActionMeaning>(source['not-found'], 'not-found'),
    ...answers<ActionMeaning>(source.denied, 'denied'),
  ];
}

/** The operator's header of the adapter, with the leaked value in the operator's place where the request is the key's own. */
function authOf(adapter: AdapterSource, who: 'operator' | 'secret'): Auth {
  const { auth } = adapter;
  if (!auth) return { kind: 'header', name: 'authorization', value: `Bearer {${who}}` };
  return { kind: 'header', name: auth.header, value: auth.value.replaceAll('{operator}', `{${who}}`) };
}

function listingOf(provider: Provider, adapter: AdapterSource): Listing {
  const { list } = adapter;
  if (!list) throw unset(provider, 'list');
  const call = callOf<ActionMeaning>(provider, {
    name: 'list',
    source: list,
    auth: authOf(adapter, 'operator'),
    effect: 'read',
    method: 'GET',
    answers: actionAnswers(list),
    yes: ['ok'],
    base: 'adapter',
  });
  const optional = {
    label: list.label,
    createdAt: list['created-at'],
    lastUsedAt: list['last-used-at'],
    permissions: list.permissions,
    ips: list.ips,
    lastFour: list['last-four'],
    prefix: list.shown,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { call, items: list.items ?? '', id: list.id, ...given };
}

/** A request of the leaked key's own that names its id is proof; a list that shows both ends of a value is one too. */
function identifyOf(provider: Provider, adapter: AdapterSource): Identify {
  const { identify, list } = adapter;
  if (identify) {
    const call = callOf<ActionMeaning>(provider, {
      name: 'identify',
      source: identify,
      auth: authOf(adapter, 'secret'),
      effect: 'read',
      method: 'GET',
      answers: actionAnswers(identify),
      yes: ['ok'],
      base: 'adapter',
    });
    return { by: 'asked', call, id: identify.id };
  }
  return list?.shown === undefined ? { by: 'person' } : { by: 'listed', prefix: 6, suffix: 4 };
}

function revokeOf(provider: Provider, adapter: AdapterSource): RevokeWay {
  const { revoke } = adapter;
  if (!revoke) throw unset(provider, 'revoke');
  if (revoke.command) {
    const call: CommandCall = { ...MINE, name: 'adapter-revoke-command', command: revoke.command };
    return { spends: 'operator', calls: [call] };
  }
  const call = callOf<ActionMeaning>(provider, {
    name: 'revoke',
    source: revoke.url === undefined ? revoke : { path: '/', ...revoke },
    auth: revoke.url === undefined ? authOf(adapter, 'operator') : { kind: 'none' },
    effect: 'write',
    method: revoke.url === undefined ? 'DELETE' : 'POST',
    answers: actionAnswers(revoke),
    yes: ['ok'],
    base: revoke.url === undefined ? 'adapter' : 'hook',
  });
  return { spends: 'operator', calls: [call] };
}

function createOf(provider: Provider, adapter: AdapterSource): Create | null {
  const { create } = adapter;
  if (!create) return null;
  const call = callOf<ActionMeaning>(provider, {
    name: 'create',
    source: create,
    auth: authOf(adapter, 'operator'),
    effect: 'write',
    method: 'POST',
    answers: actionAnswers(create),
    yes: ['ok'],
    base: 'adapter',
  });
  return {
    spends: 'operator',
    call,
    gives: { secret: create.secret },
    ...(create.id === undefined ? {} : { id: create.id }),
  };
}

/** A probe of the adapter's own, asked besides the provider's. */
function probeOf(provider: Provider, adapter: AdapterSource): Probe[] {
  const { confirm } = adapter;
  if (!confirm) return [];
  const call = callOf<ProbeMeaning>(provider, {
    name: 'confirm',
    source: confirm,
    auth: authOf(adapter, 'secret'),
    effect: 'read',
    method: 'GET',
    answers: [...answers<ProbeMeaning>(confirm.live, 'live'), ...answers<ProbeMeaning>(confirm.refused, 'refused')],
    yes: ['live'],
    base: 'adapter',
  });
  return [{ call }];
}

function adaptKind(provider: Provider, kind: CredentialKind, adapter: AdapterSource): CredentialKind {
  const create = createOf(provider, adapter);
  return {
    ...kind,
    probes: [...kind.probes, ...probeOf(provider, adapter)],
    identify: identifyOf(provider, adapter),
    listing: listingOf(provider, adapter),
    revoke: { kind: 'automatic', ways: [revokeOf(provider, adapter)] },
    ...(create ? { create } : {}),
  };
}

const KNOWN = ['id', 'label', 'permissions', 'ips', 'operator', 'secret'];

/** A placeholder nobody fills would only show when it is too late. */
function checkPlaceholders(adapter: AdapterSource): void {
  const texts = JSON.stringify(adapter);
  const stray = placeholders(texts).find((name) => !KNOWN.includes(name));
  if (stray !== undefined)
    throw new ProviderError('PROVIDER_FILE_INVALID', `The adapter uses {${stray}}; it can use {${KNOWN.join('}, {')}}`);
}

/**
 * A provider with its adapter in place. Without `url` or an operator credential
 * the adapter says itself that the provider publishes none.
 *
 * @throws ProviderError `PROVIDER_NOT_PUBLISHED`, `PROVIDER_FILE_INVALID`, `PROVIDER_UNKNOWN`
 */
export function adaptProvider(provider: Provider, adapter: AdapterSource): Provider {
  checkPlaceholders(adapter);
  const kindId = adapter.kind ?? provider.kinds[0]?.id;
  if (!provider.kinds.some(({ id }) => id === kindId))
    throw new ProviderError('PROVIDER_UNKNOWN', `${provider.id} has no kind ${kindId ?? ''}`);
  if (adapter.url === undefined || adapter.url === '') throw unset(provider, 'url');
  if (adapter['operator-env'] === undefined || adapter['operator-env'] === '') throw unset(provider, 'operator-env');
  const hook = adapter.revoke?.url;
  return {
    ...provider,
    bases: { ...provider.bases, adapter: adapter.url, ...(hook === undefined ? {} : { hook }) },
    given: ['adapter', 'hook'],
    operator: {
      sets: [
        [{ name: 'operator', env: adapter['operator-env'], secret: true, says: 'operator credential of the adapter' }],
      ],
    },
    kinds: provider.kinds.map((kind) => (kind.id === kindId ? adaptKind(provider, kind, adapter) : kind)),
  };
}

/** Every provider, those with an adapter adapted. @throws ProviderError */
export function adaptProviders(
  providers: readonly Provider[],
  adapters: ReadonlyMap<string, AdapterSource>,
): readonly Provider[] {
  for (const id of adapters.keys())
    if (!providers.some((provider) => provider.id === id))
      throw new ProviderError('PROVIDER_UNKNOWN', `The providers file adapts ${id}, which this version does not know`);
  return providers.map((provider) => {
    const adapter = adapters.get(provider.id);
    return adapter ? adaptProvider(provider, adapter) : provider;
  });
}
