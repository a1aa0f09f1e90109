import { describe, expect, test } from 'vitest';

import { isLoopbackHost, isPublicAddress } from '../../src/http/address.ts';
import { mayConnect, systemResolve } from '../../src/http/reach.ts';

describe('isPublicAddress', () => {
  test.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])(
    'accepts %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
  test.each([
    '127.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
    '',
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('mayConnect', () => {
  const reach = { allowPrivate: new Set(['vault.internal']), resolve: systemResolve };
  test.each([
    ['localhost', '127.0.0.1', true],
    ['localhost', '8.8.8.8', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['api.example.com', '8.8.8.8', true],
    ['api.example.com', '127.0.0.1', false],
    ['vault.internal', '10.0.0.4', true],
    ['other.internal', '10.0.0.4', false],
  ])('%s at %s: %s', (host, address, allowed) => {
    expect(mayConnect(host, address, reach)).toBe(allowed);
  });
  test('knows the names of this machine', () => {
    expect(['localhost', 'a.localhost', '127.1.2.3', '::1'].map(isLoopbackHost)).toEqual([true, true, true, true]);
    expect(['localhost.example.com', '10.0.0.1'].map(isLoopbackHost)).toEqual([false, false]);
  });
});
