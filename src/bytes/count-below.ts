/** How many of the first `count` numbers, which ascend, are below `limit`. */
export function countBelow(numbers: Uint32Array | Float64Array, limit: number, count = numbers.length): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
