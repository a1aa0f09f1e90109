import { TextDecoder } from 'node:util';

/** One header of a commit or tag; `value` has its continuation lines joined by newlines. */
export interface ObjectHeader {
  readonly key: string;
  readonly value: Buffer;
}

export interface HeadedObject {
  readonly headers: readonly ObjectHeader[];
  /** What follows the blank line. */
  readonly message: Buffer;
}

const NEWLINE = 10;
const SPACE = 0x20;

/**
 * Takes a commit or tag apart. Never fails: a line that is no header is one
 * with an empty key, so that nothing goes unscanned.
 */
export function parseHeaders(bytes: Uint8Array): HeadedObject {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headers: ObjectHeader[] = [];
  let at = 0;
  while (at < whole.length && whole[at] !== NEWLINE) {
    const end = headerEnd(whole, at);
    headers.push(parseHeader(whole.subarray(at, end)));
    at = end + 1;
  }
  return { headers, message: whole.subarray(Math.min(at + 1, whole.length)) };
}

/** A header goes on while the next line starts with a space. */
function headerEnd(whole: Buffer, at: number): number {
  let end = lineEnd(whole, at);
  while (whole[end + 1] === SPACE) end = lineEnd(whole, end + 1);
  return end;
}

function lineEnd(whole: Buffer, at: number): number {
  const end = whole.indexOf(NEWLINE, at);
  return end < 0 ? whole.length : end;
}

function parseHeader(line: Buffer): ObjectHeader {
  const space = line.indexOf(SPACE);
  if (space <= 0) return { key: '', value: line };
  const value = line.subarray(space + 1);
  return {
    key: line.toString('latin1', 0, space),
    value: value.includes(NEWLINE) ? Buffer.from(value.toString('latin1').replaceAll('\n ', '\n'), 'latin1') : value,
  };
}

/** The first header of that name, as text. */
export function header(object: HeadedObject, key: string): string | undefined {
  return object.headers.find((each) => each.key === key)?.value.toString('latin1');
}

/** Decodes by git's `encoding` header; UTF-8, with replacement characters, without one or for an unknown one. */
export function decodeText(bytes: Uint8Array, encoding: string | undefined): string {
  return decoderFor(encoding).decode(bytes);
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const decoders = new Map<string, TextDecoder>();
/** An encoding is a word of the repository's; don't let it fill the map. */
const DECODERS_KEPT = 64;

function decoderFor(encoding: string | undefined): TextDecoder {
  if (encoding === undefined) return UTF8;
  const known = decoders.get(encoding);
  if (known !== undefined) return known;
  const decoder = makeDecoder(encoding);
  if (decoders.size < DECODERS_KEPT) decoders.set(encoding, decoder);
  return decoder;
}

function makeDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding.trim(), { ignoreBOM: true });
  } catch {
    return UTF8;
  }
}
