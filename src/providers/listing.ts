import { ProviderError } from '../errors/provider.ts';
import { plainWord } from '../http/redact.ts';
import { type Endpoint, type Outcome, type Wire, perform } from './call.ts';
import type { ActionMeaning, Call, Listing } from './declaration.ts';
import { digestOf } from './digest.ts';
import { textAt, textOf, textsOf, valueAt } from './path.ts';
import type { Values } from './template.ts';

/** One key as its provider lists it. Never its value. */
export interface KeyRow {
  readonly id: string;
  readonly label: string | null;
  readonly createdAt: string | null;
  /** Null also where the provider does not tell. */
  readonly lastUsedAt: string | null;
  readonly permissions: readonly string[];
  readonly ips: readonly string[];
  readonly lastFour: string | null;
  /** The value as far as the list shows it, such as its first characters. */
  readonly shown: string | null;
  readonly active: boolean;
}

export interface Pages {
  readonly parameter: string;
  readonly size: number;
  readonly sizeParameter?: string;
}

/** More pages than this are not a list of keys, or a server that repeats itself. */
const MAX_PAGES = 200;

/** @throws ProviderError `PROVIDER_REFUSED`, `PROVIDER_ANSWER_UNREADABLE` */
export function expectOk(call: Call<ActionMeaning>, outcome: Outcome<ActionMeaning>): void {
  if (outcome.means === 'ok') return;
  const what = outcome.error ?? `status ${outcome.status}`;
  if (outcome.means === null)
    throw new ProviderError(
      'PROVIDER_ANSWER_UNREADABLE',
      `${call.name} answered what its documentation has not (${what})`,
    );
  throw new ProviderError('PROVIDER_REFUSED', `${call.name} was refused (${what})`, {
    facts: { call: call.name, status: outcome.status },
  });
}

function paged(call: Call<ActionMeaning>, pages: Pages | undefined, page: number): Call<ActionMeaning> {
  if (!pages) return call;
  const size = pages.sizeParameter === undefined ? {} : { [pages.sizeParameter]: String(pages.size) };
  return { ...call, query: { ...call.query, ...size, [pages.parameter]: String(page) } };
}

/**
 * All items of a list, page by page. A list that cannot be read to its end is
 * an error: "not in the list" must mean just that.
 *
 * @throws HttpError, ProviderError
 */
export async function allItems(
  wire: Wire,
  endpoint: Endpoint,
  list: { readonly call: Call<ActionMeaning>; readonly items: string; readonly pages?: Pages },
  values: Values,
): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const outcome = await perform(wire, endpoint, paged(list.call, list.pages, page), values);
    expectOk(list.call, outcome);
    const items = valueAt(outcome.body, list.items);
    // A right without the feature is an answer too, and an empty one.
    if (items === undefined || items === null) return all;
    if (!Array.isArray(items))
      throw new ProviderError('PROVIDER_ANSWER_UNREADABLE', `${list.call.name} answered with no list`);
    all.push(...items);
    if (!list.pages || items.length < list.pages.size) return all;
  }
  throw new ProviderError('PROVIDER_LIST_TOO_LONG', `${list.call.name} has more than ${MAX_PAGES} pages`);
}

function word(text: string | null): string | null {
  return text === null ? null : plainWord(text);
}

function rowOf(listing: Listing, item: unknown): KeyRow {
  const id = textAt(item, listing.id);
  if (id === null || id === '')
    throw new ProviderError('PROVIDER_ANSWER_UNREADABLE', `${listing.call.name} lists a key without an id`);
  const active = listing.active;
  return {
    id: listing.idIsSecret ? digestOf(id) : plainWord(id),
    label: word(textAt(item, listing.label)),
    createdAt: word(textAt(item, listing.createdAt)),
    lastUsedAt: word(textAt(item, listing.lastUsedAt)),
    permissions: listing.permissions === undefined ? [] : textsOf(valueAt(item, listing.permissions)),
    ips: listing.ips === undefined ? [] : textsOf(valueAt(item, listing.ips)),
    lastFour: word(textAt(item, listing.lastFour)),
    shown: textAt(item, listing.prefix),
    active: active === undefined || textOf(valueAt(item, active.at)) === String(active.is),
  };
}

/** Every key the caller's account has, switched-off ones included. @throws HttpError, ProviderError */
export async function listKeys(wire: Wire, endpoint: Endpoint, listing: Listing, values: Values): Promise<KeyRow[]> {
  const items = await allItems(wire, endpoint, listing, values);
  return items.map((item) => rowOf(listing, item));
}
