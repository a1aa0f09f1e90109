// Decoding tables for the canonical Huffman codes of DEFLATE (RFC 1951 §3.2.2).
//
// An entry is 32 bits:
//   0–7    bits to drop: the code's length plus its extra bits
//   8–11   the code's length alone (in a subtable: what is left of it); for a link, the subtable's width
//   12     end of block   13  link to a subtable   14  not a plain length or distance   15  literal
//   16–31  the literal, the base length or distance, the symbol, or the subtable's first entry

import { BAD_CODE, COUNTS, MIRRORED, OK, SORTED, STARTS, USED, context } from './context';

export const END_OF_BLOCK: u32 = 1 << 12;
export const LINK: u32 = 1 << 13;
export const SPECIAL: u32 = 1 << 14;
export const LITERAL: u32 = 1 << 15;
/** What a code that stands for nothing decodes to; it drops one bit so that no loop can stand still. */
export const INVALID: u32 = SPECIAL | 1;

/** Bits that the last table built is looked up with; never more than asked for. */
export let tableBits: u32 = 0;

/**
 * Builds the table of one code.
 *
 * @param lengths - `symbols` code lengths, a byte each, 0 for an unused symbol
 * @param template - an entry for each symbol, to which the length is added
 * @param table - room for `capacity` entries
 * @param root - most bits of the first look-up
 * @param loose - whether a single code of one bit, or none at all, will do (zlib allows it for
 *   literals and distances and for nothing else)
 */
export function buildTable(
  lengths: usize,
  symbols: u32,
  template: usize,
  table: usize,
  capacity: u32,
  root: u32,
  loose: bool,
): i32 {
  const counts = context + COUNTS;
  const longest = count(lengths, symbols, counts);
  if (longest == 0) {
    if (!loose) return BAD_CODE;
    tableBits = 0;
    store<u32>(table, INVALID);
    return OK;
  }
  const left = roomLeft(counts);
  if (left < 0) return BAD_CODE;
  if (left > 0) {
    if (!loose || longest != 1) return BAD_CODE;
    store<u32>(table, INVALID);
    store<u32>(table, INVALID, 4);
  }
  sort(counts);
  tableBits = min(root, longest);
  return fill(counts, template, table, capacity, longest);
}

/** How many symbols the last code counted uses. */
let usedSymbols: u32 = 0;

/** Lists the used symbols, counts the codes of each length, and returns the greatest length. Most symbols are not used. */
function count(lengths: usize, symbols: u32, counts: usize): u32 {
  const none = i8x16.splat(0);
  v128.store(counts, none);
  v128.store(counts, none, 16);
  v128.store(counts, none, 32);
  v128.store(counts, none, 48);
  const list = context + USED;
  let to = list;
  for (let first: u32 = 0; first < symbols; first += 16) {
    let used = i8x16.bitmask(i8x16.ne(v128.load(lengths + first), none));
    // What lies behind the last symbol is of another code.
    if (symbols - first < 16) used &= (1 << (symbols - first)) - 1;
    for (; used != 0; used &= used - 1) {
      const symbol = first + <u32>ctz(used);
      const length = <u32>load<u8>(lengths + symbol);
      store<u32>(to, symbol | (length << 16));
      to += 4;
      const slot = counts + (<usize>length << 2);
      store<u32>(slot, load<u32>(slot) + 1);
    }
  }
  usedSymbols = <u32>((to - list) >> 2);
  let longest: u32 = 15;
  while (longest > 0 && load<u32>(counts + (longest << 2)) == 0) longest--;
  return longest;
}

/** Codes of 15 bits that are still free: negative if the lengths ask for too many. */
function roomLeft(counts: usize): i32 {
  let left: i32 = 1;
  for (let length: u32 = 1; length <= 15; length++) {
    left = (left << 1) - <i32>load<u32>(counts + (length << 2));
    if (left < 0) return left;
  }
  return left;
}

/** Sorts the used symbols by length, then by number, as canonical codes are given out. */
function sort(counts: usize): void {
  const starts = context + STARTS;
  let next: u32 = 0;
  for (let length: u32 = 1; length <= 15; length++) {
    store<u32>(starts + (length << 2), next);
    next += load<u32>(counts + (length << 2));
  }
  const sorted = context + SORTED;
  const list = context + USED;
  const end = list + (<usize>usedSymbols << 2);
  for (let at = list; at < end; at += 4) {
    const used = load<u32>(at);
    const slot = starts + (<usize>(used >> 16) << 2);
    const rank = load<u32>(slot);
    store<u16>(sorted + (<usize>rank << 1), <u16>used);
    store<u32>(slot, rank + 1);
  }
}

function fill(counts: usize, template: usize, table: usize, capacity: u32, longest: u32): i32 {
  const root = tableBits;
  let symbol = context + SORTED;
  // Codes are counted up in the upper of 16 bits, and looked up least significant bit first, so mirrored.
  let code: u32 = 0;
  let size: u32 = 1;
  for (let length: u32 = 1; length <= root; length++) {
    // An entry of a shorter code repeats with every value of the further bits.
    double(table, size);
    size <<= 1;
    const tag = length | (length << 8);
    for (let n = load<u32>(counts + (length << 2)); n > 0; n--) {
      const entry = load<u32>(template + (<usize>load<u16>(symbol) << 2)) + tag;
      symbol += 2;
      store<u32>(table + (mirrored(code) << 2), entry);
      code += <u32>1 << (16 - length);
    }
  }
  if (longest == root) return OK;
  return fillSubtables(counts, template, table, capacity, longest, symbol, <u32>mirrored(code));
}

function fillSubtables(
  counts: usize,
  template: usize,
  table: usize,
  capacity: u32,
  longest: u32,
  symbol: usize,
  code: u32,
): i32 {
  const root = tableBits;
  const mask: u32 = (1 << root) - 1;
  let next: u32 = 1 << root;
  let start: u32 = 0;
  let width: u32 = 0;
  let prefix: u32 = 0xffffffff;
  for (let length = root + 1; length <= longest; length++) {
    const rest = length - root;
    const tag = rest | (rest << 8);
    const slot = counts + (length << 2);
    for (let n = load<u32>(slot); n > 0; n--) {
      if ((code & mask) != prefix) {
        prefix = code & mask;
        store<u32>(slot, n);
        width = subtableWidth(counts, length, longest);
        start = next;
        next += 1 << width;
        if (next > capacity) return BAD_CODE;
        store<u32>(table + (prefix << 2), SPECIAL | LINK | root | (width << 8) | (start << 16));
      }
      const entry = load<u32>(template + (<usize>load<u16>(symbol) << 2)) + tag;
      symbol += 2;
      for (let at = code >> root; at < <u32>1 << width; at += <u32>1 << rest) {
        store<u32>(table + ((start + at) << 2), entry);
      }
      code = nextCode(code, length);
    }
  }
  return OK;
}

/** Bits a subtable needs so that the codes still to come fill it. */
function subtableWidth(counts: usize, length: u32, longest: u32): u32 {
  let width = length - tableBits;
  let left: i32 = (1 << width) - <i32>load<u32>(counts + (length << 2));
  while (left > 0 && width + tableBits < longest) {
    width++;
    left = (left << 1) - <i32>load<u32>(counts + ((width + tableBits) << 2));
  }
  return width;
}

/** The lower 16 bits the other way round. */
// @ts-ignore: decorator
@inline
function mirrored(code: u32): usize {
  const bytes = context + MIRRORED;
  return (<usize>load<u8>(bytes + (code & 255)) << 8) | <usize>load<u8>(bytes + ((code >> 8) & 255));
}

export function initHuffman(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let bits: u32 = 0;
    for (let i: u32 = 0; i < 8; i++) bits |= ((byte >> i) & 1) << (7 - i);
    store<u8>(context + MIRRORED + byte, <u8>bits);
  }
}

/** Adds one to a mirrored code of `length` bits; the last one wraps to 0. */
// @ts-ignore: decorator
@inline
function nextCode(code: u32, length: u32): u32 {
  const free = ~code & ((1 << length) - 1);
  if (free == 0) return 0;
  const bit: u32 = 1 << (31 - clz(free));
  return (code & (bit - 1)) | bit;
}

function double(table: usize, size: u32): void {
  const bytes = <usize>size << 2;
  if (size >= 4) {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(table + bytes + i, v128.load(table + i));
    return;
  }
  for (let i: usize = 0; i < bytes; i += 4) store<u32>(table + bytes + i, load<u32>(table + i));
}
