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
