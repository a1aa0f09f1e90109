import { Secret } from '../core/secret.ts';
import { ProviderError } from '../errors/provider.ts';
import type { JsonTemplate, Template } from './declaration.ts';

/** What placeholders stand for. A `Secret` makes everything rendered from it one. */
export type Values = Readonly<Record<string, string | Secret | readonly string[]>>;

const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9]*)\}/g;
const ALONE = /^\{([A-Za-z][A-Za-z0-9]*)\}$/;

function valueOf(name: string, values: Values): string | Secret | readonly string[] {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined)
    throw new ProviderError('PROVIDER_FIELD_MISSING', `No value for {${name}}`, { facts: { field: name } });
  return value;
}

function clear(value: string | Secret | readonly string[]): string {
  if (value instanceof Secret) return value.reveal();
  return typeof value === 'string' ? value : value.join(',');
}

/** Names of a template's placeholders. */
export function placeholders(template: Template): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

function holdsSecret(template: Template, values: Values): boolean {
  return placeholders(template).some((name) => valueOf(name, values) instanceof Secret);
}

/**
 * Fills in a template.
 *
 * @param encode - applied to each value, not to the template's own text
 * @throws ProviderError `PROVIDER_FIELD_MISSING`
 */
export function render(template: Template, values: Values, encode = (text: string) => text): string | Secret {
  const text = template.replaceAll(PLACEHOLDER, (_, name: string) => encode(clear(valueOf(name, values))));
  return holdsSecret(template, values) ? new Secret(text) : text;
}

/** A template for a place that is logged: path, query, label. @throws ProviderError `PROVIDER_SECRET_IN_URL` */
export function renderOpen(template: Template, values: Values, encode = (text: string) => text): string {
  if (holdsSecret(template, values))
    throw new ProviderError('PROVIDER_SECRET_IN_URL', `${template} would put a credential into the URL`);
  return clear(render(template, values, encode));
}

/** Basic credentials (RFC 7617); always a `Secret`. */
export function basic(user: Template, password: Template, values: Values): Secret {
  const pair = `${clear(render(user, values))}:${clear(render(password, values))}`;
  return new Secret(`Basic ${Buffer.from(pair, 'utf8').toString('base64')}`);
}

function fill(template: JsonTemplate, values: Values): unknown {
  if (typeof template === 'string') {
    const alone = ALONE.exec(template)?.[1];
    const value = alone === undefined ? undefined : valueOf(alone, values);
    return Array.isArray(value) ? value : clear(render(template, values));
  }
  if (Array.isArray(template)) return template.map((item: JsonTemplate) => fill(item, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, item]) => [name, fill(item, values)]));
}

/** A JSON body, escaped by the serializer; a `Secret`, since most hold one. */
export function renderJson(template: JsonTemplate, values: Values): Secret {
  return new Secret(JSON.stringify(fill(template, values)));
}

/** An `application/x-www-form-urlencoded` body. */
export function renderForm(template: Readonly<Record<string, Template>>, values: Values): Secret {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(template)) form.append(name, clear(render(value, values)));
  return new Secret(form.toString());
}

/** All secrets among the values, for redaction. */
export function secretsOf(values: Values): Secret[] {
  return Object.values(values).filter((value) => value instanceof Secret);
}
