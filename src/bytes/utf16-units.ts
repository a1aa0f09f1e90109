/**
 * How many UTF-16 code units UTF-8 bytes decode to. A byte that is no valid
 * UTF-8 counts as one, so that columns survive binary and legacy encodings.
 *
 * @returns `units` of the whole sequences; `rest`: trailing bytes (0–3) that begin one which may go on past `end`
 */
export function utf16Units(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly units: number; readonly rest: number } {
  let units = 0;
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) {
      units++;
      at++;
      continue;
    }
    const length = sequenceLength(bytes, at, end);
    if (length === 0) return { units, rest: end - at };
    units += length === 4 ? 2 : 1;
    at += length;
  }
  return { units, rest: 0 };
}

/** Length of the sequence at `at`; 1 for an invalid byte; 0 if `end` cuts it. See RFC 3629 §4. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0;
  const wanted =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 1;
  for (let i = 1; i < wanted; i++) {
    if (at + i >= end) return 0;
    const next = bytes[at + i] ?? 0;
    const [low, high] = i === 1 ? secondByteRange(lead) : [0x80, 0xbf];
    if (next < low || next > high) return 1;
  }
  return wanted;
}

function secondByteRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
