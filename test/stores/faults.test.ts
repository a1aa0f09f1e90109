/** What goes wrong on the way, at every store that is asked over a network. */
import { describe, expect, test } from 'vitest';

import { type Answer, FakeServer } from './fake-server.ts';
import { freshValue, secretsOf, storeOf } from './helpers.ts';

const server = new FakeServer(() => ({ status: 200, body: {} }));
await server.listen();

const SECRET = freshValue(40);

interface Kind {
  readonly lines: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Answers of a store that holds `{"key":"old"}`. */
  readonly reads: unknown;
  /** Of these the kind has a value that is not there, so that nothing is an error. */
  readonly reads404?: true;
}

const DATA = '{"key":"old"}';
const KINDS: Readonly<Record<string, Kind>> = {
  'AWS Secrets Manager': {
    lines: 'kind = "aws-secrets-manager"\nregion = "eu-west-1"\nsecret = "mail"\nfield = "key"',
    credentials: { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: `${SECRET}-session` },
    reads: { VersionId: 'a'.repeat(32), SecretString: DATA, CreatedDate: 1_700_000_000.5, VersionIdsToStages: {} },
  },
  Vault: {
    lines: 'kind = "vault"\npath = "mail"\nfield = "key"',
    credentials: { VAULT_TOKEN: SECRET },
    reads: { data: { data: { key: 'old' }, metadata: { version: 3, created_time: '2026-01-01T00:00:00Z' } } },
  },
  'Azure Key Vault': {
    lines: 'kind = "azure-key-vault"\nsecret = "mail"\nfield = "key"',
    credentials: { AZURE_KEY_VAULT_TOKEN: SECRET },
    reads: { id: 'https://v.example/secrets/mail/abc', value: DATA, attributes: { created: 1_700_000_000 } },
  },
  'GitHub Actions': {
    lines: 'kind = "github-actions"\nrepository = "acme/shop"\nsecret = "MAIL"',
    credentials: { GITHUB_TOKEN: SECRET },
    reads: {
      name: 'MAIL',
      updated_at: '2026-01-01T00:00:00Z',
      key_id: '1',
      key: Buffer.alloc(32, 9).toString('base64'),
    },
  },
  'Google Secret Manager': {
    lines: 'kind = "google-secret-manager"\nproject = "shop"\nsecret = "mail"\nfield = "key"',
    credentials: { GOOGLE_OAUTH_ACCESS_TOKEN: SECRET },
    reads: { name: 'projects/1/secrets/mail/versions/3', payload: { data: Buffer.from(DATA).toString('base64') } },
  },
  Doppler: {
    lines: 'kind = "doppler"\nproject = "shop"\nconfig = "prd"\nsecret = "MAIL"',
    credentials: { DOPPLER_TOKEN: SECRET },
    reads: { name: 'MAIL', value: { raw: 'old' } },
    reads404: true,
  },
};

const VALUE = freshValue(48);

/** What a server says that repeats everything it was sent, in every place that an error is read from. */
function echo(status: number, said: string): Answer {
  const body = {
    message: said,
    messages: [said],
    errors: [said],
    error: { code: said, status: said, innererror: { code: said } },
    __type: said,
  };
  return { status, body };
}

/** Reads are answered; everything else by `write`. AWS writes with POST as it reads. */
function answering(kind: Kind, write: (text: string, authorization: string) => Answer | null): void {
  server.trouble = ({ method, headers, text }) => {
    const target = String(headers['x-amz-target'] ?? '');
    const reading = target === '' ? method === 'GET' : /Get|Describe/.test(target);
    if (reading) return { status: 200, body: kind.reads };
    const authorization = Object.values(headers).flat().join(' ');
    return write(text, authorization);
  };
}

function open(kind: Kind, timeoutMs = 2000) {
  return storeOf(`${kind.lines}\naddress = "${server.url}"`, {
    credentials: kind.credentials,
    client: { timeoutMs },
    services: { sleep: async () => undefined },
  });
}

async function codeOf(doing: Promise<unknown>): Promise<string> {
  const error = await doing.catch((cause: unknown) => cause);
  return (error as { code?: string }).code ?? 'none';
}

describe.each(Object.entries(KINDS))('%s', (_, kind) => {
  test('is read where nothing goes wrong (control)', async () => {
    answering(kind, () => null);
    expect((await (await open(kind)).read()).values?.['secret']?.reveal() ?? 'old').toBe('old');
  });

  test.each<[string, Answer, string]>([
    ['401', { status: 401 }, 'STORE_AUTH'],
    ['403', { status: 403 }, 'STORE_REFUSED'],
    ['404', { status: 404 }, 'STORE_NOT_FOUND'],
    ['418', { status: 418 }, 'STORE_ANSWER'],
    ['500', { status: 500 }, 'STORE_UNREACHABLE'],
    ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }, 'STORE_ANSWER'],
    ['5 MiB', { status: 200, body: 'x'.repeat(5 * 1024 * 1024) }, 'STORE_ANSWER'],
    ['a closed connection', { status: 200, lost: true }, 'STORE_UNREACHABLE'],
    ['a long wait', { status: 429, headers: { 'retry-after': '7200' } }, 'STORE_THROTTLED'],
    ['endless refusal', { status: 429, headers: { 'retry-after': '0' } }, 'STORE_THROTTLED'],
  ])('answers %s', async (what, answer, code) => {
    server.trouble = () => answer;
    const before = server.seen.length;
    expect(await codeOf((await open(kind)).read())).toBe(what === '404' && kind.reads404 ? 'none' : code);
    expect(server.seen.length - before).toBeLessThanOrEqual(4);
  });

  test.each([
    ['a page', '<html>'],
    ['an object of nothing', '{}'],
    ['null', 'null'],
    ['nesting', '['.repeat(100_000)],
    [
      'numbers where texts are',
      '{"data":{"data":7,"metadata":{"version":"3"}},"value":7,"VersionId":7,"payload":{"data":7}}',
    ],
  ])('answers %s with 200', async (__, body) => {
    server.trouble = () => ({ status: 200, body, headers: { 'content-type': 'application/json' } });
    const put = (await open(kind)).put(secretsOf({ secret: VALUE }), { expected: null, requestId: 'r' });
    expect(await codeOf(put)).toBe('STORE_ANSWER');
  });

  test('is asked again when it wants to be, and then does it', async () => {
    let refusals = 2;
    server.trouble = () => {
      if (refusals-- > 0) return { status: 429, headers: { 'retry-after': '1' } };
      return { status: 200, body: kind.reads };
    };
    expect(await codeOf((await open(kind)).read())).toBe('none');
  });

  test('a write that was refused for now is sent again', async () => {
    let writes = 0;
    answering(kind, () => (++writes === 1 ? { status: 429, headers: { 'retry-after': '1' } } : echo(400, 'no')));
    expect(await codeOf((await open(kind)).put(secretsOf({ secret: VALUE }), { expected: null, requestId: 'r' }))).toBe(
      'STORE_ANSWER',
    );
    expect(writes).toBe(2);
  });

  test.each<[string, Answer]>([
    ['is cut off', { status: 200, lost: true }],
    ['ends in 500', { status: 500 }],
    ['ends in 504', { status: 504 }],
  ])('a write that %s is never said to have failed', async (__, answer) => {
    answering(kind, () => answer);
    const put = (await open(kind)).put(secretsOf({ secret: VALUE }), { expected: null, requestId: 'r' });
    expect(await codeOf(put)).toBe('STORE_OUTCOME_UNKNOWN');
  });

  test('a server that repeats what it was sent puts nothing secret into an error', async () => {
    for (const status of [400, 401, 403, 409, 500]) {
      answering(kind, (text, authorization) => echo(status, `${text} ${authorization} ${VALUE}`));
      const error = await (
        await open(kind)
      )
        .put(secretsOf({ secret: VALUE }), { expected: null, requestId: 'r' })
        .catch((cause: unknown) => cause);
      const { mend, facts, stack, cause } = error as Error & Record<string, unknown>;
      const shown = JSON.stringify([String(error), mend, facts, stack, String(cause)]);
      expect(error).toMatchObject({ code: expect.stringMatching(/^STORE_/) });
      for (const secret of [VALUE, ...Object.values(kind.credentials).filter((one) => one.length > 20)])
        for (const spelling of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
          expect(shown).not.toContain(spelling);
    }
  });

  test('a server that does not answer is given up', async () => {
    const silent = await open(kind, 100);
    server.trouble = () => ({ status: 200, body: kind.reads, headers: { 'content-length': '100000' } });
    expect(await codeOf(silent.read())).toMatch(/^STORE_(?:UNREACHABLE|ANSWER)$/);
  });

  test('a server that is not there is told before anything can have been written', async () => {
    const gone = await storeOf(`${kind.lines}\naddress = "http://127.0.0.1:9"`, {
      credentials: kind.credentials,
      services: { sleep: async () => undefined },
    });
    const put = gone.put(secretsOf({ secret: VALUE }), { expected: null, requestId: 'r' });
    expect(await codeOf(put)).toBe('STORE_UNREACHABLE');
  });

  test.each(['http://store.example', 'https://10.0.0.1', 'https://127.0.0.1.example:bad', 'not a url'])(
    'the address %s is refused',
    async (address) => {
      const asking = storeOf(`${kind.lines}\naddress = "${address}"`, { credentials: kind.credentials }).then((store) =>
        store.read(),
      );
      expect(await codeOf(asking)).toMatch(/^STORE_(?:CONFIG|UNREACHABLE)$/);
    },
  );

  test('without a credential nothing is sent', async () => {
    const before = server.seen.length;
    const store = await storeOf(`${kind.lines}\naddress = "${server.url}"`);
    expect(await codeOf(store.read())).toBe('STORE_CREDENTIAL_MISSING');
    expect(server.seen).toHaveLength(before);
  });
});
