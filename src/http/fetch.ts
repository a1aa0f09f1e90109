import { type IncomingMessage, type RequestOptions, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { HttpError } from '../errors/http.ts';
import { bareHost } from './address.ts';
import { type Reach, addressesOf, pinnedLookup } from './reach.ts';

export interface WireRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** What comes back before it is judged. Header names are lower case; repeated ones are joined by a comma. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** One exchange on the wire, redirects not followed. The client is given one; tests give another. */
export type Fetch = (url: URL, request: WireRequest) => Promise<WireAnswer>;

function flatHeaders(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function networkError(url: URL, cause: unknown): HttpError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  return new HttpError('HTTP_NETWORK', `Connection to ${url.host} failed (${code})`, {
    facts: { host: url.host, cause: code },
  });
}

/**
 * A fetch over node's own clients that connects only to addresses checked
 * after resolution. The global `fetch` resolves by itself, after any check of
 * ours, and follows a name that changes in between.
 *
 * @throws HttpError `HTTP_ADDRESS_REFUSED`, `HTTP_NAME_NOT_FOUND`, `HTTP_NETWORK`
 */
export function guardedFetch(reach: Reach): Fetch {
  return async (url, request) => {
    const addresses = await addressesOf(bareHost(url), reach);
    return exchange(url, request, {
      method: request.method,
      headers: request.headers,
      signal: request.signal,
      lookup: pinnedLookup(addresses),
      // A connection of its own each: nothing of one provider's session is seen by the next request.
      agent: false,
    });
  };
}

function exchange(url: URL, request: WireRequest, options: RequestOptions): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = open(url, options, (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: flatHeaders(answer), body: answer });
    });
    sent.on('error', (error) => {
      reject(networkError(url, error));
    });
    sent.end(request.body ?? undefined);
  });
}
