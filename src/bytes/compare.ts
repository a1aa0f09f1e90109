/** Negative, zero or positive as `length` bytes of `a` sort before, equal or after those of `b`. */
export function compareBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = (a[aAt + i] ?? -1) - (b[bAt + i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
