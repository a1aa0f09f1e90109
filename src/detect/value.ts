import type { ValueDecoding } from '../core/rule.ts';

/** A value with the encodings that were undone to get it. */
export interface DecodedValue {
  readonly text: string;
  readonly decoded: readonly string[];
}

/**
 * The ways a written value may be meant, best first: what it decodes to, then
 * as it stands.
 */
export function readings(text: string, decoding: ValueDecoding): DecodedValue[] {
  const plain: DecodedValue = { text, decoded: [] };
  switch (decoding) {
    case 'none':
      return [plain];
    case 'percent':
      return text.includes('%') ? [{ text: percentDecode(text), decoded: ['percent'] }, plain] : [plain];
    case 'basic': {
      const opened = base64Printable(text, 4);
      return opened === null ? [] : [{ text: opened, decoded: ['base64'] }];
    }
    case 'auto': {
      const opened = base64Printable(text, 12);
      return opened === null ? [plain] : [{ text: opened, decoded: ['base64'] }, plain];
    }
  }
}

/** Undoes `%XX`; anything else stays. */
function percentDecode(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/**
 * What base64 text says, if that is printable ASCII throughout (a line break at
 * the end aside): a key that merely looks like base64 decodes to noise.
 */
function base64Printable(text: string, least: number): string | null {
  if (text.length < least || !/^[A-Za-z0-9+/_-]{4,}={0,2}$/.test(text)) return null;
  const opened = Buffer.from(text, 'base64')
    .toString('latin1')
    .replace(/\r?\n$/, '');
  if (!/^[\x20-\x7e]{2,}$/.test(opened)) return null;
  return text.replace(/=+$/, '').length % 4 === 1 ? null : opened;
}
