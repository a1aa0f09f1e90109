import { Secret } from '../core/secret.ts';
import { ProviderError } from '../errors/provider.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/client.ts';
import { plainWord, redactSecrets } from '../http/redact.ts';
import { type SmtpAnswer, type SmtpProbe } from '../http/smtp.ts';
import { errorCode, learned, parsedBody, rowFor } from './answer.ts';
import { awsHeaders } from './aws-signature.ts';
import type { Auth, Call, ProbeMeaning, Provider, SmtpCall } from './declaration.ts';
import { type Values, basic, render, renderForm, renderJson, renderOpen, secretsOf } from './template.ts';

/** The outside world as providers see it. */
export interface Wire {
  readonly http: HttpClient;
  readonly smtp: (probe: SmtpProbe) => Promise<SmtpAnswer>;
  readonly now: () => Date;
}

/** A provider with the URLs in force for this run. */
export interface Endpoint {
  readonly provider: Provider;
  readonly bases: Readonly<Record<string, URL>>;
}

/** A judged answer. `body` is parsed and may hold a new secret: it never leaves the caller's hands as text. */
export interface Outcome<Meaning> {
  /** Null where the provider's table has no row for this answer. */
  readonly means: Meaning | null;
  readonly status: number;
  /** The provider's own error code, made safe to print; null without one. */
  readonly error: string | null;
  readonly learned: Readonly<Record<string, readonly string[]>>;
  readonly body: unknown;
  readonly at: string;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded; charset=utf-8';

function baseUrl(endpoint: Endpoint, name: string): URL {
  const base = endpoint.bases[name];
  if (!base)
    throw new ProviderError('PROVIDER_FIELD_MISSING', `No address for ${endpoint.provider.id} (${name})`, {
      mend: `Give it with --provider-url ${endpoint.provider.id}${name === 'main' ? '' : `.${name}`}=URL or in your providers file.`,
    });
  return base;
}

/** One segment of a path. `.` and `..` would climb to another resource, and nothing would ask for a whole collection. */
function segment(text: string): string {
  if (/^\.{0,2}$/.test(text)) throw new ProviderError('PROVIDER_FIELD_MISSING', 'A part of the path is empty or dots');
  return encodeURIComponent(text);
}

/** Base and path joined as text: a base may have a path of its own. */
function urlOf<M>(endpoint: Endpoint, call: Call<M>, values: Values): URL {
  const base = baseUrl(endpoint, call.base);
  const rendered = call.urlIsSecret ? render(call.path, values, segment) : renderOpen(call.path, values, segment);
  const path = rendered instanceof Secret ? rendered.reveal() : rendered;
  const url = new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}${path}`);
  if (url.host !== base.host)
    throw new ProviderError('PROVIDER_SECRET_IN_URL', `${call.name} would leave ${base.host}`);
  for (const [name, template] of Object.entries(call.query ?? {}))
    url.searchParams.append(name, renderOpen(template, values));
  return url;
}

function bodyOf<M>(call: Call<M>, values: Values): { body: Secret | null; type: string | null } {
  if (!call.body) return { body: null, type: null };
  if (call.body.kind === 'json') return { body: renderJson(call.body.value, values), type: JSON_TYPE };
  return { body: renderForm(call.body.value, values), type: FORM_TYPE };
}

interface Signing {
  readonly url: URL;
  readonly body: Secret | null;
  readonly now: Date;
}

function authHeaders(auth: Auth, values: Values, signing: Signing): Record<string, string | Secret> {
  switch (auth.kind) {
    case 'none':
      return {};
    case 'header':
      return { [auth.name]: render(auth.value, values) };
    case 'headers':
      return Object.fromEntries(Object.entries(auth.values).map(([name, value]) => [name, render(value, values)]));
    case 'basic':
      return { authorization: basic(auth.user, auth.password, values) };
    case 'aws': {
      const secret = render(auth.secret, values);
      return awsHeaders({
        url: signing.url,
        body: signing.body?.reveal() ?? '',
        contentType: FORM_TYPE,
        service: auth.service,
        region: auth.region,
        keyId: renderOpen(auth.keyId, values),
        secret: secret instanceof Secret ? secret : new Secret(secret),
        now: signing.now,
      });
    }
  }
}

/** The request a call makes, not yet sent. */
export function requestFor<M>(endpoint: Endpoint, call: Call<M>, values: Values, now: Date): HttpRequest {
  const url = urlOf(endpoint, call, values);
  const { body, type } = bodyOf(call, values);
  const fixed = Object.entries(call.headers ?? {}).map(([name, value]) => [name, render(value, values)]);
  const auth = authHeaders(call.auth, values, { url, body, now });
  const secrets = [...secretsOf(values), ...Object.values(auth).filter((value) => value instanceof Secret)];
  return {
    method: call.method,
    url,
    headers: { ...(type === null ? {} : { 'content-type': type }), ...Object.fromEntries(fixed), ...auth },
    body,
    allowedHosts: Object.values(endpoint.bases).map((base) => base.host),
    effect: call.effect,
    secrets,
    ...(call.urlIsSecret ? { shownPath: '/…' } : {}),
  };
}

function judge<M>(call: Call<M>, answer: HttpAnswer, secrets: readonly Secret[]): Outcome<M> {
  const body = parsedBody(call, answer);
  const row = rowFor(call, answer, body);
  const error = errorCode(call, body);
  return {
    means: row?.means ?? null,
    status: answer.status,
    error: error === null ? null : plainWord(redactSecrets(error, secrets), 120),
    learned: learned(row?.learn ?? [], answer, body),
    body,
    at: answer.at,
  };
}

/**
 * Makes one request and reads the answer by the call's own table.
 *
 * @throws HttpError, ProviderError `PROVIDER_FIELD_MISSING`, `PROVIDER_SECRET_IN_URL`
 */
export async function perform<M>(wire: Wire, endpoint: Endpoint, call: Call<M>, values: Values): Promise<Outcome<M>> {
  const request = requestFor(endpoint, call, values, wire.now());
  return judge(call, await wire.http.send(request), request.secrets);
}

function asSecret(value: string | Secret): Secret {
  return value instanceof Secret ? value : new Secret(value);
}

/** The same for SMTP AUTH. */
export async function performSmtp(
  wire: Wire,
  endpoint: Endpoint,
  call: SmtpCall,
  values: Values,
): Promise<Outcome<ProbeMeaning>> {
  const url = baseUrl(endpoint, call.base);
  const answer = await wire.smtp({
    url,
    allowedHosts: [url.host],
    user: asSecret(render(call.user, values)),
    password: asSecret(render(call.password, values)),
  });
  const means = call.codes[answer.code] ?? null;
  return { means, status: answer.code, error: plainWord(answer.text, 120), learned: {}, body: null, at: answer.at };
}
