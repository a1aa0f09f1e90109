/** Requests to a store: sent once or as often as is harmless, and every failure told as one of the store's own. */
import { Secret } from '../core/secret.ts';
import { isScanError } from '../errors/base.ts';
import { StoreError, type StoreErrorCode } from '../errors/store.ts';
import { parseJson } from '../http/body.ts';
import { type HttpAnswer, type HttpRequest, retryAfterMs, shownTarget } from '../http/client.ts';
import { plainWord, redactSecrets } from '../http/redact.ts';
import { member, textAt } from './json-shape.ts';
import type { StoreServices } from './services.ts';

export interface StoreRequest {
  readonly method: HttpRequest['method'];
  readonly url: URL;
  readonly headers: HttpRequest['headers'];
  /** A JSON text or a form; null: no body. */
  readonly body: Secret | null;
  /** `write` changes the store; `again` does too, and doing it twice is the same as once. */
  readonly effect: 'read' | 'write' | 'again';
  /** What must not be in an error, over what headers and body hold. */
  readonly secrets: readonly Secret[];
}

export interface StoreReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came: it may hold values. */
  readonly text: string;
  readonly json: unknown;
}

/** How a kind of store tells its failures. */
export interface Dialect {
  /** The store's own code or word for a failure; null without one. */
  readonly word: (reply: StoreReply) => string | null;
  /** Where status alone does not tell; undefined: it does. */
  readonly judge?: (reply: StoreReply, word: string | null) => StoreErrorCode | undefined;
}

const TRIES = 4;
const FIRST_PAUSE_MS = 500;
/** A store that asks for more is not waited for. */
const LONGEST_PAUSE_MS = 60_000;

const BY_STATUS: Readonly<Record<number, StoreErrorCode>> = {
  401: 'STORE_AUTH',
  403: 'STORE_REFUSED',
  404: 'STORE_NOT_FOUND',
  409: 'STORE_CONFLICT',
  412: 'STORE_CONFLICT',
  429: 'STORE_THROTTLED',
};

function codeOf(reply: StoreReply, word: string | null, dialect: Dialect): StoreErrorCode | null {
  if (reply.status >= 200 && reply.status <= 299) return null;
  const judged = dialect.judge?.(reply, word) ?? BY_STATUS[reply.status];
  return judged ?? (reply.status >= 500 ? 'STORE_UNREACHABLE' : 'STORE_ANSWER');
}

/** An attempt that did not succeed. */
interface Failure {
  readonly error: StoreError;
  /** Nothing was changed, so that any request may be sent again. */
  readonly untouched: boolean;
  /** Milliseconds that the store asks to wait; null: it does not say. */
  readonly pauseMs: number | null;
  readonly passing: boolean;
}

const BEFORE_SENDING = new Set([
  'HTTP_URL_INVALID',
  'HTTP_NOT_HTTPS',
  'HTTP_HOST_NOT_ALLOWED',
  'HTTP_ADDRESS_REFUSED',
  'HTTP_NAME_NOT_FOUND',
]);

function lost(error: unknown, request: StoreRequest): Failure {
  // An interruption is the caller's own doing.
  if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
  const unsent = BEFORE_SENDING.has(error.code) || error.facts['cause'] === 'ECONNREFUSED';
  const passing = error.code === 'HTTP_NETWORK' || error.code === 'HTTP_TIMEOUT';
  const code: StoreErrorCode = passing || unsent ? 'STORE_UNREACHABLE' : 'STORE_ANSWER';
  const untouched = unsent || request.effect === 'read';
  const notes = error.mend === undefined || passing ? {} : { mend: error.mend };
  return {
    error: untouched ? new StoreError(code, error.message, notes) : unknown(request, error.message),
    untouched,
    pauseMs: null,
    passing,
  };
}

function unknown(request: StoreRequest, why: string): StoreError {
  return new StoreError(
    'STORE_OUTCOME_UNKNOWN',
    `${why}; whether ${shownTarget(request)} was carried out is not known`,
  );
}

function refused(
  reply: StoreReply,
  code: StoreErrorCode,
  word: string | null,
  request: StoreRequest,
  now: Date,
): Failure {
  const said = word === null ? '' : ` (${plainWord(redactSecrets(word, secretsOf(request)), 120)})`;
  const message = `${shownTarget(request)} answered ${reply.status}${said}`;
  const facts = { status: reply.status };
  const pauseMs = retryAfterMs(reply.headers, now);
  // A server that fails in the middle may have done it; one that names a time has not begun.
  const untouched = request.effect === 'read' || reply.status < 500 || (reply.status === 503 && pauseMs !== null);
  return {
    error: untouched ? new StoreError(code, message, { facts }) : unknown(request, message),
    untouched,
    pauseMs,
    passing: code === 'STORE_THROTTLED' || code === 'STORE_UNREACHABLE',
  };
}

/** Header values as such and without their scheme: `Bearer …` is echoed without. */
function secretsOf(request: StoreRequest): Secret[] {
  const headers = Object.values(request.headers).filter((value) => value instanceof Secret);
  return [...request.secrets, ...headers, ...(request.body ? [request.body] : [])];
}

async function once(services: StoreServices, request: StoreRequest, dialect: Dialect): Promise<StoreReply | Failure> {
  let answer: HttpAnswer;
  try {
    answer = await services.http.send({
      ...request,
      // Repetitions are counted here, where it is known which ones are harmless.
      effect: 'write',
      allowedHosts: [request.url.host],
      secrets: secretsOf(request),
    });
  } catch (error) {
    return lost(error, request);
  }
  const reply = { status: answer.status, headers: answer.headers, text: answer.body, json: parseJson(answer.body) };
  const word = dialect.word(reply);
  const code = codeOf(reply, word, dialect);
  return code === null ? reply : refused(reply, code, word, request, services.now());
}

function pauseAfter(failure: Failure, request: StoreRequest, attempt: number): number | null {
  const harmless = failure.untouched || request.effect === 'again';
  if (!failure.passing || !harmless || attempt === TRIES) return null;
  const pause = failure.pauseMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return pause <= LONGEST_PAUSE_MS ? pause : null;
}

/**
 * Sends a request and gives back an answer of success.
 *
 * @throws StoreError; never with a value or credential in it
 */
export async function ask(services: StoreServices, request: StoreRequest, dialect: Dialect): Promise<StoreReply> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await once(services, request, dialect);
    if (!('error' in outcome)) return outcome;
    const pause = pauseAfter(outcome, request, attempt);
    if (pause === null) throw outcome.error;
    await services.sleep(pause);
  }
}

/** A request with JSON in and out. */
export interface JsonRequest extends Pick<StoreRequest, 'method' | 'url' | 'effect'> {
  /** Null: no body. */
  readonly content: Readonly<Record<string, unknown>> | null;
  /** What the body holds that must not be in an error. */
  readonly values?: readonly Secret[];
}

/** Sends JSON with a bearer token. @returns what was answered @throws StoreError */
export async function askJson(
  services: StoreServices,
  token: Secret,
  { content, values = [], ...request }: JsonRequest,
  dialect: Dialect,
): Promise<unknown> {
  const body = content === null ? null : new Secret(JSON.stringify(content));
  const headers = {
    authorization: new Secret(`Bearer ${token.reveal()}`),
    ...(body === null ? {} : { 'content-type': 'application/json' }),
  };
  return (await ask(services, { ...request, headers, body, secrets: [token, ...values] }, dialect)).json;
}

/** Asks for an access token as OAuth has it: a form, and how long the token is valid. @throws StoreError */
export async function grantedToken(
  services: StoreServices,
  url: URL,
  form: Readonly<Record<string, string>>,
  secrets: readonly Secret[],
  dialect: Dialect,
): Promise<{ readonly value: Secret; readonly validMs: number }> {
  const request: StoreRequest = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new Secret(new URLSearchParams(form).toString()),
    effect: 'read',
    secrets,
  };
  const { json } = await ask(services, request, dialect);
  const [token, seconds] = [textAt(json, 'access_token'), member(json, 'expires_in')];
  if (token === null) throw unreadable('access_token');
  return { value: new Secret(token), validMs: typeof seconds === 'number' ? seconds * 1000 : 0 };
}

/** An address of the providers file. @throws StoreError `STORE_CONFIG` */
export function addressOf(text: string, name: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new StoreError('STORE_CONFIG', `store.${name}: ${JSON.stringify(plainWord(text, 60))} is no URL`);
  }
}

/** A URL below a base, which may have a path of its own; each segment is encoded. */
export function below(base: URL, segments: readonly string[], query: Readonly<Record<string, string>> = {}): URL {
  const path = segments.map((segment) => encodeURIComponent(segment)).join('/');
  const url = new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}/${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** Refuses names that would climb to another resource. @throws StoreError `STORE_CONFIG` */
export function plainSegments(path: string, name: string): string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.length === 0 || segments.some((segment) => /^\.{1,2}$/.test(segment)))
    throw new StoreError('STORE_CONFIG', `store.${name}: ${JSON.stringify(plainWord(path, 60))} is no path`);
  return segments;
}

/** An answer that is not as documented. */
export function unreadable(what: string): StoreError {
  return new StoreError('STORE_ANSWER', `The answer of the store has no ${what}`);
}
