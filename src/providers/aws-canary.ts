/** Accounts that services of decoy keys use, as several public scanners list them. A key of theirs is never asked about. */
const CANARY_ACCOUNTS = new Set([
  '052310077262',
  '171436882533',
  '266735846894',
  '528757803018',
  '534261010715',
  '538784191382',
  '595918472158',
  '717712589309',
  '729780141977',
  '730335385048',
  '819147034852',
  '893192397702',
  '992382622183',
  '044858866125',
  '251535659677',
  '344043088457',
  '351906852752',
  '390477818340',
  '426127672474',
  '427150556519',
  '439872796651',
  '445142720921',
  '465867158099',
  '637958123769',
  '693412236332',
]);

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The account that an access key id of today's form belongs to: 40 bits after
 * the first bit of the id's body, in base 32.
 *
 * @returns twelve digits; null for another form
 */
export function accountOfKeyId(keyId: string): string | null {
  const body = /^(?:AKIA|ASIA)([A-Z2-7]{16})$/.exec(keyId)?.[1];
  if (body === undefined) return null;
  let bits = 0n;
  for (const char of body.slice(0, 10)) bits = bits * 32n + BigInt(BASE32.indexOf(char));
  // 50 bits read; the account is bits 1 to 40 of the first 48.
  const account = (bits >> 9n) & ((1n << 40n) - 1n);
  return account < 10n ** 12n ? account.toString().padStart(12, '0') : null;
}

/** Why a key must not be asked about; null for an ordinary one. */
export function canaryReason(keyId: string | null): string | null {
  const account = keyId === null ? null : accountOfKeyId(keyId);
  if (account === null || !CANARY_ACCOUNTS.has(account)) return null;
  return `its account ${account} hands out decoy keys that report every use`;
}
