/** What the stand-ins for stores have in common: a server on loopback that remembers what it was asked. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll } from 'vitest';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body if it is JSON, else an empty object. */
  readonly json: Record<string, unknown>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, a text as it is. */
  readonly body?: unknown;
  /** Done, and the connection closed without an answer. */
  readonly lost?: true;
}

const servers = new Set<Server>();

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
});

export class FakeServer {
  readonly seen: Asked[] = [];
  /** Decides about a request before it is answered; null: as usual. */
  trouble: (asked: Asked) => Answer | null = () => null;
  /** Looks at the usual answer and may send another one in its place: what was asked for is done by then. */
  afterwards: (asked: Asked, answer: Answer) => Answer = (_, answer) => answer;
  readonly #server: Server;
  readonly #answer: (asked: Asked) => Answer;

  constructor(answer: (asked: Asked) => Answer) {
    this.#answer = answer;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    servers.add(this.#server);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every request as `METHOD path?query`, where nothing secret may be. */
  get targets(): string[] {
    return this.seen.map(({ method, path, query }) => `${method} ${path}?${query.toString()}`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const url = new URL(request.url ?? '', 'http://localhost');
    const text = Buffer.concat(pieces).toString('utf8');
    const { method = '', headers } = request;
    const asked = { method, path: url.pathname, query: url.searchParams, headers, text, json: objectOf(text) };
    this.seen.push(asked);
    const answer = this.trouble(asked) ?? this.afterwards(asked, this.#answer(asked));
    if (answer.lost) return void request.socket.destroy();
    const json = typeof answer.body !== 'string';
    response.writeHead(answer.status, { 'content-type': json ? 'application/json' : 'text/plain', ...answer.headers });
    response.end(json ? JSON.stringify(answer.body ?? {}) : answer.body);
  }
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
