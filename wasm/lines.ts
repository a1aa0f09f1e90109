// Lines of a text, sixteen bytes a step.

const LINE_FEED: u8 = 10;

/** How many line feeds there are in [at, end). */
export function countLineFeeds(at: usize, end: usize): u32 {
  const feed = i8x16.splat(LINE_FEED);
  let count: u32 = 0;
  for (; at + 16 <= end; at += 16) count += popcnt<u32>(i8x16.bitmask(i8x16.eq(v128.load(at), feed)));
  for (; at < end; at++) count += u32(load<u8>(at) == LINE_FEED);
  return count;
}
