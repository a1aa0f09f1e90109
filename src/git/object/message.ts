import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

import { type ObjectHeader, decodeText, header, parseHeaders } from './headers.ts';

/** Headers whose values are ids, types or signatures: noise to a scanner, and never words. What is none stays. */
const NOISE: ReadonlyMap<string, RegExp> = new Map([
  ...['tree', 'parent', 'object'].map((key): [string, RegExp] => [key, /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/]),
  ['type', /^(?:commit|tree|blob|tag)$/],
]);
const SIGNATURES = new Set(['gpgsig', 'gpgsig-sha256']);

/**
 * What people wrote into a commit or tag, as UTF-8: its headers, empty lines in
 * place of ids and signatures, a blank line, the message without a signature at
 * its end. So its lines are those that `git cat-file -p` shows.
 *
 * An `encoding` header is obeyed, unless it may hide what stands there: bytes
 * of an encoding nobody knows, of one that writes ASCII otherwise, and of plain
 * UTF-8 stay as they are, whatever the header says.
 */
export function messageText(bytes: Uint8Array): Uint8Array {
  const object = parseHeaders(bytes);
  const text = Buffer.concat([...object.headers.map(headerText), Buffer.from('\n'), withoutSignature(object.message)]);
  const encoding = header(object, 'encoding');
  if (encoding === undefined || isUtf8(text) || !isLegible(encoding)) return text;
  return Buffer.from(decodeText(text, encoding), 'utf8');
}

function headerText({ key, value }: ObjectHeader): Buffer {
  if (SIGNATURES.has(key) ? isSignature(value) : NOISE.get(key)?.test(value.toString('latin1')) === true)
    return emptyLines(value, 1);
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
  return Buffer.alloc(text.filter((byte) => byte === NEWLINE).length + more, 10);
}

const NEWLINE = 10;
const ARMOUR =
  /(?:^|\n)-----BEGIN (PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----\n(?:[A-Za-z-]+: [^\n]{0,200}\n)*\n?(?:[A-Za-z0-9+/=]{1,76}\n)*-----END \1-----\n?$/;

function isSignature(value: Buffer): boolean {
  return ARMOUR.exec(value.toString('latin1'))?.index === 0 && value[0] !== NEWLINE;
}

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

/** Whether it is a known encoding in which ASCII is ASCII. */
function isLegible(encoding: string): boolean {
  try {
    return new TextDecoder(encoding.trim()).decode(ASCII) === ASCII.toString('latin1');
  } catch {
    return false;
  }
}

const ASCII = Buffer.from(Array.from({ length: 0x7f - 0x20 }, (_, i) => 0x20 + i));
