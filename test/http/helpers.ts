import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type ClientOptions, CLIENT_DEFAULTS, type HttpRequest, createClient } from '../../src/http/client.ts';
import { sleeper } from '../../src/http/clock.ts';
import { guardedFetch } from '../../src/http/fetch.ts';
import { type Reach, systemResolve } from '../../src/http/reach.ts';

export const OPEN_REACH: Reach = { allowPrivate: new Set(), resolve: systemResolve };

export function clientFor(options: Partial<ClientOptions> = {}, reach: Partial<Reach> = {}) {
  const signal = options.signal ?? new AbortController().signal;
  return createClient({
    ...CLIENT_DEFAULTS,
    fetch: guardedFetch({ ...OPEN_REACH, ...reach }),
    now: () => new Date(),
    sleep: sleeper(signal),
    paceMs: 0,
    ...options,
    signal,
  });
}

export interface TestServer {
  readonly url: string;
  readonly seen: readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  close(): Promise<void>;
}

/** A server on loopback that answers as told and remembers what it was asked. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const seen: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
  const server: Server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    request.resume();
    request.on('end', () => {
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

export function get(url: string, extra: Partial<HttpRequest> = {}): HttpRequest {
  const target = new URL(url);
  return {
    method: 'GET',
    url: target,
    headers: {},
    body: null,
    allowedHosts: [target.host],
    effect: 'read',
    secrets: [],
    ...extra,
  };
}
