import type { WideEncoding } from '../facts.ts';
import type { Decoded } from './decoded.ts';

/** Stands for every character that has no place in a key. */
const OTHER = 0xff;

/**
 * Narrows UTF-16 or UTF-32 to one byte a code unit, so that offsets stay a
 * multiplication apart. Characters above U+00FE become 0xff: no key has one.
 * @param bom - bytes to leave out at the start
 */
export function narrow(bytes: Uint8Array, encoding: WideEncoding, bom: number): Decoded {
  const unit = encoding.startsWith('utf-16') ? 2 : 4;
  const little = encoding.endsWith('le');
  const count = Math.floor((bytes.length - bom) / unit);
  const out = new Uint8Array(count);
  const low = little ? 0 : unit - 1;
  for (let i = 0, at = bom; i < count; i++, at += unit) {
    let rest = 0;
    for (let k = 0; k < unit; k++) if (k !== low) rest |= bytes[at + k] ?? 0;
    out[i] = rest === 0 ? (bytes[at + low] ?? OTHER) : OTHER;
  }
  return {
    bytes: out,
    encoding,
    indexOf: (offset) => ((offset - bom) % unit === 0 ? (offset - bom) / unit : -1),
    locate: ({ start, end }) => ({ start: bom + start * unit, end: bom + end * unit }),
  };
}
