// Adler-32 (RFC 1950 §8.2), sixteen bytes a step.

const MODULUS: u32 = 65521;
/** Most bytes before the 32-bit lanes could overflow; a multiple of 16. */
const STRETCH: usize = 5536;

/** Checksum of `length` bytes at `at`. */
export function adler32(at: usize, length: usize): u32 {
  let low: u32 = 1;
  let high: u32 = 0;
  const heavy = i16x8(16, 15, 14, 13, 12, 11, 10, 9);
  const light = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  const end = at + length;
  while (end - at >= 16) {
    const stretch = min((end - at) & ~15, STRETCH);
    const stop = at + stretch;
    let sums = i32x4.splat(0);
    let before = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    for (; at < stop; at += 16) {
      const bytes = v128.load(at);
      before = i32x4.add(before, sums);
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes)));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(bytes), heavy));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(bytes), light));
    }
    // Each byte so far counts once more in `high` for every byte that follows it.
    const later = <u64>low * stretch + 16 * sumOfLanes(before) + sumOfLanes(weighted);
    high = <u32>((<u64>high + later) % MODULUS);
    low = <u32>((<u64>low + sumOfLanes(sums)) % MODULUS);
  }
  for (; at < end; at++) {
    low += load<u8>(at);
    high += low;
  }
  // At most 15 bytes were added without reduction, far from overflow.
  return ((high % MODULUS) << 16) | (low % MODULUS);
}

// @ts-ignore: decorator
@inline
function sumOfLanes(v: v128): u64 {
  return (
    <u64>(<u32>i32x4.extract_lane(v, 0)) +
    <u64>(<u32>i32x4.extract_lane(v, 1)) +
    <u64>(<u32>i32x4.extract_lane(v, 2)) +
    <u64>(<u32>i32x4.extract_lane(v, 3))
  );
}
