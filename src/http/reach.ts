import { type LookupAddress, lookup as dnsLookup } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';

import { HttpError } from '../errors/http.ts';
import { isLoopbackAddress, isLoopbackHost, isPublicAddress } from './address.ts';

/** Resolves a name to all its addresses; replaced in tests. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Which addresses a connection may go to. */
export interface Reach {
  /** Hosts that the user's own providers file names although their addresses are private. */
  readonly allowPrivate: ReadonlySet<string>;
  readonly resolve: Resolve;
}

/** The system resolver, all families. */
export function systemResolve(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error) reject(new HttpError('HTTP_NAME_NOT_FOUND', `No address for ${host}`, { facts: { host } }));
      else resolve(addresses);
    });
  });
}

/**
 * Whether a connection to `host` may use `address`. A host that names this
 * machine must resolve to it; every other must be public or named by the user.
 */
export function mayConnect(host: string, address: string, reach: Reach): boolean {
  if (isLoopbackHost(host)) return isLoopbackAddress(address);
  return isPublicAddress(address) || reach.allowPrivate.has(host);
}

/**
 * The addresses a connection to `host` may use. One bad address spoils all: a
 * name that answers with both a public and a private address is an attack.
 *
 * @throws HttpError `HTTP_NAME_NOT_FOUND`, `HTTP_ADDRESS_REFUSED`
 */
export async function addressesOf(host: string, reach: Reach): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  const found = family === 0 ? await reach.resolve(host) : [{ address: host, family }];
  if (found.length === 0) throw new HttpError('HTTP_NAME_NOT_FOUND', `No address for ${host}`, { facts: { host } });
  const refused = found.find(({ address }) => !mayConnect(host, address, reach));
  if (refused)
    throw new HttpError('HTTP_ADDRESS_REFUSED', `${host} resolves to ${refused.address}, which is not public`, {
      facts: { host, address: refused.address },
    });
  return found;
}

/**
 * A `lookup` for sockets that answers with addresses checked beforehand, so
 * that the address checked is the address connected to (no second resolution).
 */
export function pinnedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}
