import { TextDecoder } from 'node:util';

import { type ObjectHeader, decodeText, header, parseHeaders } from './headers.ts';

/** Headers whose values are ids or signatures: noise to a scanner, and never words. */
const LEFT_OUT = new Set(['tree', 'parent', 'object', 'type', 'gpgsig', 'gpgsig-sha256']);

/**
 * What people wrote into a commit or tag, as UTF-8: its headers, empty lines in
 * place of ids and signatures, a blank line, the message without a signature at
 * its end. So its lines are those that `git cat-file -p` shows.
 *
 * An `encoding` header is obeyed; bytes of an encoding nobody knows, and of
 * plain UTF-8, stay as they are.
 */
export function messageText(bytes: Uint8Array): Uint8Array {
  const object = parseHeaders(bytes);
  const text = Buffer.concat([...object.headers.map(headerText), Buffer.from('\n'), withoutSignature(object.message)]);
  const encoding = header(object, 'encoding');
  return encoding === undefined || !isKnown(encoding) ? text : Buffer.from(decodeText(text, encoding), 'utf8');
}

function headerText({ key, value }: ObjectHeader): Buffer {
  if (LEFT_OUT.has(key)) return emptyLines(value, 1);
  const body = key === 'mergetag' ? mergeTagText(value) : value;
  return Buffer.concat([Buffer.from(key === '' ? '' : `${key} `, 'latin1'), body, Buffer.from('\n')]);
}

/** A signed tag that was merged, whole, inside a commit's header. */
function mergeTagText(value: Buffer): Buffer {
  const { headers, message } = parseHeaders(value);
  const words = withoutSignature(message);
  const signature = emptyLines(message.subarray(words.length), 0);
  return Buffer.concat([...headers.map(headerText), Buffer.from('\n'), words, signature]);
}

/** As many as the text has line breaks, and some more. */
function emptyLines(text: Buffer, more: number): Buffer {
  return Buffer.alloc(text.filter((byte) => byte === 10).length + more, 10);
}

const ARMOUR =
  /(?:^|\n)-----BEGIN (PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----\n(?:[A-Za-z-]+: [^\n]{0,200}\n)*\n?(?:[A-Za-z0-9+/=]{1,76}\n)*-----END \1-----\n?$/;

/**
 * Cuts a signature off the end of a tag. Only one of the exact form goes: a
 * marker alone must not hide the lines after it.
 */
function withoutSignature(message: Buffer): Buffer {
  const begin = message.lastIndexOf('-----BEGIN ');
  if (begin < 0) return message;
  const from = Math.max(begin - 1, 0);
  return ARMOUR.test(message.toString('latin1', from)) ? message.subarray(0, begin) : message;
}

function isKnown(encoding: string): boolean {
  try {
    return new TextDecoder(encoding.trim()).encoding !== 'utf-8';
  } catch {
    return false;
  }
}
