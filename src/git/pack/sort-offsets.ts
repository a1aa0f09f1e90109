const RADIX = 1 << 16;

/**
 * The positions of `values` in ascending order of value: a radix sort, because
 * sorting a million numbers by a comparison function takes a second.
 *
 * @param values - whole numbers, 0 ≤ n ≤ 2^53 − 1
 */
export function sortedPositions(values: Uint32Array | Float64Array): Uint32Array {
  const count = values.length;
  // Who keeps the result may have to share it with other threads.
  let order = new Uint32Array(new SharedArrayBuffer(count * 4));
  let largest = 0;
  for (let i = 0; i < count; i++) {
    order[i] = i;
    largest = Math.max(largest, values[i] ?? 0);
  }
  let spare = new Uint32Array(new SharedArrayBuffer(count * 4));
  if (largest < 2 ** 32)
    return sortedSmall(values instanceof Uint32Array ? values : new Uint32Array(values), order, spare);
  const starts = new Uint32Array(RADIX + 1);
  for (let scale = 1; scale <= largest; scale *= RADIX) {
    const digitOf = (position: number): number => Math.floor((values[position] ?? 0) / scale) % RADIX;
    starts.fill(0);
    for (let i = 0; i < count; i++) starts[digitOf(i) + 1]!++;
    for (let digit = 1; digit <= RADIX; digit++) starts[digit]! += starts[digit - 1] ?? 0;
    for (const position of order) spare[starts[digitOf(position)]!++] = position;
    [order, spare] = [spare, order];
  }
  return order;
}

const SMALL_BITS = 11;

/** The same for numbers of 32 bits, by integers alone. @param order - all positions */
function sortedSmall(values: Uint32Array, order: Uint32Array, spare: Uint32Array): Uint32Array {
  const count = values.length;
  let from = order;
  let to = spare;
  const starts = new Uint32Array((1 << SMALL_BITS) + 1);
  const mask = (1 << SMALL_BITS) - 1;
  for (let shift = 0; shift < 32; shift += SMALL_BITS) {
    starts.fill(0);
    for (let i = 0; i < count; i++) starts[(((values[i] ?? 0) >>> shift) & mask) + 1]!++;
    for (let digit = 1; digit <= mask; digit++) starts[digit]! += starts[digit - 1] ?? 0;
    for (let i = 0; i < count; i++) {
      const position = from[i] ?? 0;
      to[starts[((values[position] ?? 0) >>> shift) & mask]!++] = position;
    }
    const sorted = to;
    to = from;
    from = sorted;
  }
  return from;
}
