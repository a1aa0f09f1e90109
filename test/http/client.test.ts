import type { ServerResponse } from 'node:http';

import { afterEach, describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import type { HttpError } from '../../src/errors/http.ts';
import { retryAfterMs } from '../../src/http/client.ts';
import { type TestServer, clientFor, get, serve } from './helpers.ts';

const token = ['very', 'secret', 'token'].join('-');
const servers: TestServer[] = [];

async function serving(answer: Parameters<typeof serve>[0]): Promise<TestServer> {
  const server = await serve(answer);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function failure(sent: Promise<unknown>): Promise<HttpError> {
  const error = await sent.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'HttpError', mend: expect.any(String) as string });
  return error as HttpError;
}

function ok(response: ServerResponse, body = '{"ok":true}'): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

describe('the client', () => {
  test('sends headers and body revealed, and gives status, headers and body back', async () => {
    const server = await serving((_, response) => {
      ok(response);
    });
    const answer = await clientFor().send(
      get(`${server.url}/v1/me`, { headers: { authorization: new Secret(`Bearer ${token}`) } }),
    );
    expect(answer).toMatchObject({ status: 200, body: '{"ok":true}', attempts: 1 });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test('refuses a host that is not listed, before sending anything', async () => {
    const server = await serving((_, response) => {
      ok(response);
    });
    const error = await failure(clientFor().send(get(server.url, { allowedHosts: ['api.example.com'] })));
    expect(error.code).toBe('HTTP_HOST_NOT_ALLOWED');
    expect(server.seen).toEqual([]);
  });

  test.each([
    ['http://api.example.com/', 'HTTP_NOT_HTTPS'],
    ['ftp://127.0.0.1/', 'HTTP_NOT_HTTPS'],
    ['https://user:pass@api.example.com/', 'HTTP_URL_INVALID'],
  ])('refuses %s with %s', async (url, code) => {
    expect((await failure(clientFor().send(get(url)))).code).toBe(code);
  });

  test.each(['10.0.0.7', '169.254.169.254', '::ffff:10.1.2.3', 'fd00::1', '127.0.0.1', '0.0.0.0'])(
    'refuses a public name that resolves to %s',
    async (address) => {
      const client = clientFor({}, { resolve: async () => [{ address, family: address.includes(':') ? 6 : 4 }] });
      expect((await failure(client.send(get('https://api.example.com/')))).code).toBe('HTTP_ADDRESS_REFUSED');
    },
  );

  test('refuses when only one of several addresses is private', async () => {
    const resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '192.168.1.4', family: 4 },
    ];
    const error = await failure(clientFor({}, { resolve }).send(get('https://api.example.com/')));
    expect(error.code).toBe('HTTP_ADDRESS_REFUSED');
  });

  test('goes to a private address that the user named (control)', async () => {
    const client = clientFor(
      { timeoutMs: 2000, attempts: 1 },
      { resolve: async () => [{ address: '127.0.0.1', family: 4 }], allowPrivate: new Set(['vault.internal']) },
    );
    // Port 1 is closed: the connection is tried and fails, which is the point.
    expect((await failure(client.send(get('https://vault.internal:1/')))).code).toBe('HTTP_NETWORK');
  });

  test('connects to the address it checked, not to a second resolution', async () => {
    const server = await serving((_, response) => {
      ok(response);
    });
    let asked = 0;
    const resolve = async () => {
      asked++;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const url = server.url.replace('127.0.0.1', 'localhost');
    expect(await clientFor({}, { resolve }).send(get(url))).toMatchObject({ status: 200 });
    expect(asked).toBe(1);
  });

  test.each([301, 302, 303, 307, 308])('never follows a %i, and the target hears nothing', async (status) => {
    const target = await serving((_, response) => {
      ok(response);
    });
    const server = await serving((_, response) => {
      response.writeHead(status, { location: `${target.url}/?${token}` }).end();
    });
    const error = await failure(
      clientFor().send(
        get(server.url, { headers: { authorization: new Secret(token) }, secrets: [new Secret(token)] }),
      ),
    );
    expect(error.code).toBe('HTTP_REDIRECT');
    expect(error.message).not.toContain(token);
    expect(target.seen).toEqual([]);
    expect(server.seen).toHaveLength(1);
  });

  test('stops reading a body that is too large', async () => {
    let written = 0;
    const server = await serving((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (response.destroyed) return;
        written += 65_536;
        if (written < 1 << 28) response.write(Buffer.alloc(65_536, 97), more);
      };
      more();
    });
    const error = await failure(clientFor({ maxBodyBytes: 100_000 }).send(get(server.url)));
    expect(error.code).toBe('HTTP_BODY_TOO_LARGE');
    expect(written).toBeLessThan(1 << 26);
  });

  test('takes a body of exactly the limit (control)', async () => {
    const server = await serving((_, response) => {
      ok(response, 'x'.repeat(1000));
    });
    expect((await clientFor({ maxBodyBytes: 1000 }).send(get(server.url))).body).toHaveLength(1000);
    expect((await failure(clientFor({ maxBodyBytes: 999 }).send(get(server.url)))).code).toBe('HTTP_BODY_TOO_LARGE');
  });

  test.each([
    ['never answers', () => {}],
    [
      'stops in the middle',
      (response: ServerResponse) => {
        response.writeHead(200).write('{"half":');
      },
    ],
  ])('gives up on a server that %s', async (_, answer) => {
    const server = await serving((__, response) => {
      answer(response);
    });
    const error = await failure(clientFor({ timeoutMs: 80, attempts: 1 }).send(get(server.url)));
    expect(error.code).toBe('HTTP_TIMEOUT');
  });

  test('repeats a read that failed, waiting as long as asked', async () => {
    const answers = [429, 503, 200];
    const waits: number[] = [];
    const server = await serving((_, response) => {
      response.writeHead(answers.shift() ?? 500, { 'retry-after': '7' }).end();
    });
    const sleep = async (ms: number): Promise<void> => {
      waits.push(ms);
    };
    expect(await clientFor({ sleep }).send(get(server.url))).toMatchObject({ status: 200, attempts: 3 });
    expect(waits).toEqual([7000, 7000]);
  });

  test('does not wait longer than the limit, but hands the 429 over', async () => {
    const server = await serving((_, response) => {
      response.writeHead(429, { 'retry-after': '86400' }).end();
    });
    expect(await clientFor().send(get(server.url))).toMatchObject({ status: 429, attempts: 1 });
  });

  test.each(['POST', 'DELETE'] as const)('sends a %s that writes once, whatever happens', async (method) => {
    const busy = await serving((_, response) => {
      response.writeHead(503, { 'retry-after': '0' }).end();
    });
    expect(await clientFor().send(get(busy.url, { method, effect: 'write' }))).toMatchObject({ status: 503 });
    expect(busy.seen).toHaveLength(1);
    const dropping = await serving((_, response) => {
      response.destroy();
    });
    expect((await failure(clientFor().send(get(dropping.url, { method, effect: 'write' })))).code).toBe('HTTP_NETWORK');
    expect(dropping.seen).toHaveLength(1);
  });

  test('keeps requests to one host apart, but for this machine', async () => {
    const waits: number[] = [];
    const now = new Date('2026-01-01T00:00:00Z');
    const client = clientFor({
      paceMs: 250,
      now: () => now,
      sleep: async (ms) => {
        waits.push(ms);
      },
      fetch: async () => ({ status: 200, headers: {}, body: (async function* () {})() }),
    });
    for (let n = 0; n < 3; n++) await client.send(get('https://api.example.com/'));
    await client.send(get('http://127.0.0.1:1/'));
    await client.send(get('http://127.0.0.1:1/'));
    expect(waits).toEqual([250, 500]);
  });

  test('is stopped by the run being aborted', async () => {
    const abort = new AbortController();
    const server = await serving(() => {
      abort.abort();
    });
    expect((await failure(clientFor({ signal: abort.signal }).send(get(server.url)))).code).toBe('HTTP_ABORTED');
  });

  test('sends no header with a line break in it', async () => {
    const server = await serving((_, response) => {
      ok(response);
    });
    const headers = { authorization: new Secret(`${token}\r\nx-other: 1`) };
    const error = await failure(clientFor().send(get(server.url, { headers })));
    expect(error.code).toBe('HTTP_URL_INVALID');
    expect(error.message).not.toContain(token);
    expect(server.seen).toEqual([]);
  });

  test('says nothing of a failing fetch but its kind', async () => {
    const fetch = async () => {
      throw new TypeError(`cannot send ${token}`);
    };
    const error = await failure(clientFor({ fetch, attempts: 1 }).send(get('https://api.example.com/')));
    expect([error.code, error.cause]).toEqual(['HTTP_NETWORK', undefined]);
    expect(`${error.message}${JSON.stringify(error.facts)}${error.stack ?? ''}`).not.toContain(token);
  });

  test('shows the stand-in for a path that is itself a credential', async () => {
    const request = get(`https://api.example.com/hooks/${token}`, {
      allowedHosts: [],
      shownPath: '/hooks/…',
    });
    expect((await failure(clientFor().send(request))).message).not.toContain(token);
    const redirected = await serving((_, response) => {
      response.writeHead(302, { location: '/' }).end();
    });
    const error = await failure(clientFor().send(get(`${redirected.url}/hooks/${token}`, { shownPath: '/hooks/…' })));
    expect(error.message).toContain('/hooks/…');
    expect(error.message).not.toContain(token);
  });
});

describe('retryAfterMs', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  test.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, 9000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('reads %j as %s', (headers, ms) => {
    expect(retryAfterMs(headers, now)).toBe(ms);
  });
});
