import { Secret } from '../core/secret.ts';
import { type Endpoint, type Wire, perform } from './call.ts';
import type { CredentialKind, Identify } from './declaration.ts';
import { digestOf } from './digest.ts';
import { type KeyRow, expectOk } from './listing.ts';
import { textAt } from './path.ts';
import type { Values } from './template.ts';

/** Which row a leaked value is. */
export type Match =
  | { readonly kind: 'found'; readonly row: KeyRow }
  | { readonly kind: 'absent' }
  | { readonly kind: 'ambiguous'; readonly count: number };

/** Names of the parts that a key of this kind is made of, `secret` first. */
export function partNames({ parts }: Pick<CredentialKind, 'parts'>): readonly string[] {
  return ['secret', ...Object.keys(parts)];
}

/** The parts of these names as one text, of which one fingerprint can be made: it differs where any of them does. */
export function partsTogether(names: readonly string[], parts: Readonly<Record<string, Secret>>): Secret {
  const texts = names.toSorted().map((name) => [name, Object.hasOwn(parts, name) ? clear(parts[name]) : null]);
  return new Secret(JSON.stringify(texts));
}

function clear(value: Values[string] | undefined): string | null {
  if (value instanceof Secret) return value.reveal();
  return typeof value === 'string' ? value : null;
}

/** Adds the parts that stand inside the value itself, such as the id in the middle of a key. */
export function withDerived(kind: CredentialKind, values: Values): Values {
  const secret = clear(values['secret']) ?? '';
  const parts = Object.entries(kind.derive ?? {}).flatMap(([name, pattern]) => {
    const found = new RegExp(pattern, 'u').exec(secret)?.[1];
    return found === undefined ? [] : [[name, new Secret(found)] as const];
  });
  return opened(kind, { ...values, ...Object.fromEntries(parts) });
}

/** Parts that a kind declares to be no secrets become plain text. */
function opened(kind: CredentialKind, values: Values): Values {
  const entries = Object.entries(values).map(([name, value]) =>
    kind.open?.includes(name) === true ? [name, clear(value) ?? ''] : [name, value],
  );
  return Object.fromEntries(entries);
}

/** The leaked parts under the names that calls give to whoever makes them: `caller`, `callerKeyId`, … */
export function asCaller(values: Values): Values {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    name === 'secret' ? [['caller', value]] : [[`caller${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]],
  );
  return { ...values, ...Object.fromEntries(entries) };
}

function derivedId(identify: Extract<Identify, { by: 'derived' }>, values: Values): string | null {
  const part = clear(values[identify.part]);
  if (part === null || identify.pattern === undefined) return part;
  return new RegExp(identify.pattern, 'u').exec(part)?.[1] ?? null;
}

/**
 * The id of the leaked key at its provider, where the value or the provider
 * tells it without a list. Null: it has to be found in the list.
 *
 * @throws HttpError, ProviderError
 */
export async function keyId(
  wire: Wire,
  endpoint: Endpoint,
  kind: CredentialKind,
  values: Values,
): Promise<string | null> {
  const { identify } = kind;
  if (identify.by === 'derived') {
    const id = derivedId(identify, values);
    return id !== null && kind.listing?.idIsSecret === true ? digestOf(id) : id;
  }
  if (identify.by !== 'asked') return null;
  const outcome = await perform(wire, endpoint, identify.call, values);
  expectOk(identify.call, outcome);
  return textAt(outcome.body, identify.id);
}

/** Beginning and end of a value as a list shows it: `npm_abcd…wxyz`, or the whole value. */
function fits(shown: string | null, secret: string, prefix: number, suffix: number): boolean {
  if (shown === null) return false;
  if (shown === secret) return true;
  const [head = '', tail = ''] = shown.split(/(?:\.{2,}|…|\*{2,})+/u);
  return (
    head.length >= prefix &&
    tail.length >= suffix &&
    secret.startsWith(head) &&
    secret.endsWith(tail) &&
    head.length + tail.length < secret.length
  );
}

function one(rows: readonly KeyRow[]): Match {
  const [row] = rows;
  if (row === undefined) return { kind: 'absent' };
  return rows.length === 1 ? { kind: 'found', row } : { kind: 'ambiguous', count: rows.length };
}

/**
 * Finds the leaked key in a list: by its id, else by beginning **and** end of
 * its value. Two rows that fit are no match.
 */
export function matchRow(kind: CredentialKind, id: string | null, rows: readonly KeyRow[], values: Values): Match {
  if (id !== null) return one(rows.filter((row) => row.id === id));
  const { identify } = kind;
  const secret = clear(values['secret']);
  if (identify.by === 'only') return one(rows);
  if (identify.by !== 'listed' || secret === null) return { kind: 'absent' };
  return one(rows.filter((row) => fits(row.shown, secret, identify.prefix, identify.suffix)));
}
