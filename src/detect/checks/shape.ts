import type { CheckFunction } from './check.ts';
import { areRandomLetters } from './random.ts';

/** Letters and digits both. */
export const mixed: CheckFunction = ({ secret }) =>
  /[0-9]/.test(secret) && /[A-Za-z]/.test(secret) ? null : 'not letters and digits';

/** Letters and digits both, or letters that no word and no identifier has: a random draw may lack digits. */
export const mixedOrRandom: CheckFunction = ({ secret }) =>
  mixed({ secret }, undefined) === null || areRandomLetters(secret)
    ? null
    : 'not letters and digits, and reads like words';

/** Small letters, capitals and digits. */
export const mixedCase: CheckFunction = ({ secret }) =>
  /[0-9]/.test(secret) && /[a-z]/.test(secret) && /[A-Z]/.test(secret) ? null : 'not mixed case and digits';

/** At least `value` digits. */
export const minDigits: CheckFunction = ({ secret }, value) =>
  secret.replaceAll(/[^0-9]/g, '').length < Number(value) ? 'too few digits' : null;

/** Lower-case hexadecimal only. */
export const hex: CheckFunction = ({ secret }) => (/^[0-9a-f]+$/.test(secret) ? null : 'not lower-case hexadecimal');

/** Does not match the expression, from its start. */
export const notPrefix: CheckFunction = ({ secret }, value) =>
  new RegExp(`^(?:${String(value)})`, 'i').test(secret) ? 'known other kind' : null;

/** Is not a UUID. */
export const notUuid: CheckFunction = ({ secret }) =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(secret) ? 'a UUID' : null;

/** Is not only hexadecimal digits: commit ids, checksums. */
export const notHex: CheckFunction = ({ secret }) => (/^(?:0x)?[0-9a-f]+$/i.test(secret) ? 'hexadecimal' : null);

/** A JSON Web Token: header and claims are JSON objects, the header names an algorithm. */
export const jwt: CheckFunction = ({ secret }) => {
  const [header = '', claims = '', signature = ''] = secret.split('.');
  const opened = [header, claims].map((part) => jsonObject(part));
  if (opened.includes(null)) return 'not a JSON Web Token';
  if (signature === '') return 'unsigned';
  return opened[0] && 'alg' in opened[0] ? null : 'not a JSON Web Token';
};

function jsonObject(base64: string): object | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64url').toString('utf8'));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
