import { Secret } from '../core/secret.ts';
import { HttpError } from '../errors/http.ts';
import { isScanError } from '../errors/base.ts';
import { bareHost, isLoopbackHost } from './address.ts';
import { readBody } from './body.ts';
import type { Fetch, WireAnswer } from './fetch.ts';
import { redactSecrets } from './redact.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** Values that hold a credential are `Secret`s and are revealed here, at the last moment. */
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly body: string | Secret | null;
  /** `host` or `host:port` this request may go to, as in `URL.host`. */
  readonly allowedHosts: readonly string[];
  /** `read` may be repeated, `write` is sent at most once whatever happens. */
  readonly effect: 'read' | 'write';
  /** Everything that must not appear in an answer or an error. */
  readonly secrets: readonly Secret[];
  /** The path to print instead of the real one, where the URL itself is the credential. */
  readonly shownPath?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most `maxBodyBytes` of UTF-8, still as the server sent it: it may hold a new secret. */
  readonly body: string;
  /** When the answer was complete, ISO 8601. */
  readonly at: string;
  /** Requests sent for it, 1 or more. */
  readonly attempts: number;
}

export interface HttpClient {
  /**
   * @throws HttpError, never with a secret in its message or facts
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

export interface ClientOptions {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Resolves after so many milliseconds, or rejects when the run is aborted. */
  readonly sleep: (ms: number) => Promise<void>;
  /** For connection, answer and body together. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** Least time between two requests to one host. */
  readonly paceMs: number;
  /** Tries of a read in all. */
  readonly attempts: number;
  /** A `Retry-After` beyond this is not waited for. */
  readonly maxWaitMs: number;
}

export const CLIENT_DEFAULTS = {
  timeoutMs: 15_000,
  maxBodyBytes: 4 * 1024 * 1024,
  paceMs: 250,
  attempts: 3,
  maxWaitMs: 60_000,
} as const;

const RETRIED_STATUS = new Set([429, 502, 503, 504]);
const RETRIED_ERRORS = new Set(['HTTP_NETWORK', 'HTTP_TIMEOUT']);
const FIRST_BACKOFF_MS = 500;

function checkUrl(request: HttpRequest): void {
  const { url } = request;
  if (url.username !== '' || url.password !== '')
    throw new HttpError('HTTP_URL_INVALID', `The address of ${url.host} carries credentials`);
  const loopback = isLoopbackHost(bareHost(url));
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    throw new HttpError('HTTP_NOT_HTTPS', `${url.protocol}//${url.host} is not https`);
  if (!request.allowedHosts.includes(url.host))
    throw new HttpError('HTTP_HOST_NOT_ALLOWED', `${url.host} is not among the hosts of this provider`, {
      facts: { host: url.host },
    });
}

function reveal(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}

function wireHeaders(request: HttpRequest): Record<string, string> {
  const headers = Object.entries(request.headers).map(([name, value]) => {
    const text = reveal(value);
    if (/[\r\n\0]/.test(text)) throw new HttpError('HTTP_URL_INVALID', `Header ${name} would hold a line break`);
    return [name, text];
  });
  return { 'user-agent': 'unleak', accept: 'application/json', ...Object.fromEntries(headers) };
}

/** Milliseconds a server asks to wait, from seconds or a date; null without the header. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: Date): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}

/** Keeps requests to one host apart. */
function pacer(options: ClientOptions): (host: string) => Promise<void> {
  const next = new Map<string, number>();
  return async (host) => {
    const now = options.now().getTime();
    const slot = Math.max(now, next.get(host) ?? 0);
    next.set(host, slot + options.paceMs);
    if (slot > now) await options.sleep(slot - now);
  };
}

/** The request target for people: no query, and the stand-in path where the path is a credential. */
export function shownTarget(request: Pick<HttpRequest, 'method' | 'url' | 'shownPath'>): string {
  return `${request.method} ${request.url.host}${request.shownPath ?? request.url.pathname}`;
}

function refuseRedirect(request: HttpRequest, answer: WireAnswer): void {
  if (answer.status < 300 || answer.status > 399 || answer.status === 304) return;
  throw new HttpError('HTTP_REDIRECT', `${shownTarget(request)} answered with a redirect (${answer.status})`, {
    facts: { status: answer.status },
  });
}

async function once(request: HttpRequest, options: ClientOptions): Promise<Omit<HttpAnswer, 'attempts'>> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const over = new AbortController();
  const signal = AbortSignal.any([limit, options.signal, over.signal]);
  try {
    const answer = await options.fetch(request.url, {
      method: request.method,
      headers: wireHeaders(request),
      body: request.body === null ? null : reveal(request.body),
      signal,
    });
    refuseRedirect(request, answer);
    const body = await readBody(answer.body, options.maxBodyBytes, signal);
    return { status: answer.status, headers: answer.headers, body, at: options.now().toISOString() };
  } catch (error) {
    const failure = asHttpError(error, request, {
      timedOut: limit.aborted,
      aborted: options.signal.aborted,
      timeoutMs: options.timeoutMs,
    });
    // A refused answer is not read to its end: the connection goes with it.
    over.abort();
    throw failure;
  }
}

function asHttpError(
  error: unknown,
  request: HttpRequest,
  state: { timedOut: boolean; aborted: boolean; timeoutMs: number },
): HttpError {
  const target = shownTarget(request);
  if (state.aborted) return new HttpError('HTTP_ABORTED', `${target} was interrupted`);
  if (state.timedOut) return new HttpError('HTTP_TIMEOUT', `${target} did not answer in ${state.timeoutMs} ms`);
  if (error instanceof HttpError) return error;
  const code = isScanError(error) ? error.code : error instanceof Error ? error.name : 'unknown';
  const secrets = [...request.secrets];
  return new HttpError('HTTP_NETWORK', redactSecrets(`${target} failed (${code})`, secrets));
}

/** How long to wait before another try of a read; null to take the answer as it is. */
function pauseMs(outcome: HttpAnswer | HttpError, attempt: number, options: ClientOptions): number | null {
  const backoff = FIRST_BACKOFF_MS * 2 ** (attempt - 1);
  if (outcome instanceof HttpError) return RETRIED_ERRORS.has(outcome.code) ? backoff : null;
  if (!RETRIED_STATUS.has(outcome.status)) return null;
  const asked = retryAfterMs(outcome.headers, options.now()) ?? backoff;
  return asked <= options.maxWaitMs ? asked : null;
}

async function attemptOnce(request: HttpRequest, options: ClientOptions, attempts: number) {
  try {
    return { ...(await once(request, options)), attempts };
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
}

/**
 * A client that sends a credential only where it belongs: to an allow-listed
 * host, over TLS, following nothing, within limits of time and size. Reads are
 * repeated as the server asks; a write is sent once.
 */
export function createClient(options: ClientOptions): HttpClient {
  const pace = pacer(options);
  return {
    async send(request) {
      checkUrl(request);
      const tries = request.effect === 'read' ? options.attempts : 1;
      for (let attempt = 1; ; attempt++) {
        // One's own machine needs no sparing.
        if (!isLoopbackHost(bareHost(request.url))) await pace(request.url.host);
        const outcome = await attemptOnce(request, options, attempt);
        const pause = attempt < tries ? pauseMs(outcome, attempt, options) : null;
        if (pause !== null) await options.sleep(pause);
        else if (outcome instanceof HttpError) throw outcome;
        else return outcome;
      }
    },
  };
}
