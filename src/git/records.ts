import type { Readable } from 'node:stream';

/** The pieces of a buffer between separators; a last piece without one counts if it is not empty. */
export function splitRecords(bytes: Uint8Array, separator = 0): Buffer[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Buffer[] = [];
  let start = 0;
  for (let end = whole.indexOf(separator); end >= 0; end = whole.indexOf(separator, start)) {
    records.push(whole.subarray(start, end));
    start = end + 1;
  }
  if (start < whole.length) records.push(whole.subarray(start));
  return records;
}

/** The same over a stream, a list for each chunk. Records are few bytes: one is held whole. */
export async function* streamRecords(stream: Readable, separator = 0): AsyncGenerator<Buffer[]> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue;
    const joined = Buffer.concat([rest, chunk]);
    const end = joined.lastIndexOf(separator) + 1;
    rest = joined.subarray(end);
    if (end > 0) yield splitRecords(joined.subarray(0, end), separator);
  }
  if (rest.length > 0) yield [rest];
}
