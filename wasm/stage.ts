// Which parts of a pack must be read to build some of its delta trees, and where their entries lie once they are read: the
// other half of `src/git/pack/stage.ts`. Entries of a tree are scattered over the pack, so they are first marked, then
// listed in the order they lie in, those that lie close together as one.

const NEEDED: u32 = 2;
const WHOLE: i32 = -1;
/** So many bytes between two entries are rather read than left out. */
const GAP: u32 = 4096;
const NONE: u32 = 0xffffffff;

// The job, 32-bit words; `src/git/pack/stage.ts` has the same list.
const COUNT: usize = 0;
const OFFSETS: usize = 4;
const FIRST_CHILD: usize = 8;
const CHILDREN: usize = 12;
const BASES: usize = 16;
const FLAGS: usize = 20;
const ENTRIES_END: usize = 24;
/** A bit for each entry, in words of 64; zeros before and after. */
const BITS: usize = 28;
/** Room for as many words as there are entries. */
const STACK: usize = 32;
/** By entry: its address, or 0. */
const PLACES: usize = 36;
/** Where to what is read goes. */
const BUFFER: usize = 40;
const BUFFER_END: usize = 44;
/** The list: offset in the pack, bytes, address. */
const READS: usize = 48;
const READS_END: usize = 52;
const READ: usize = 12;

let job: usize = 0;
let bits: usize = 0;
/** Marked entries are among these. */
let lowest: u32 = NONE;
let highest: u32 = 0;
/** Bytes in the pack of what is marked. */
export let stagedBytes: u32 = 0;
/** Where the list goes on, and what is read then. */
let cursor: u32 = 0;
let gap: u32 = 0;
let target: usize = 0;

// @ts-ignore: decorator
@inline
function word(at: usize): u32 {
  return load<u32>(job + at);
}

// @ts-ignore: decorator
@inline
function cell(column: usize, index: u32): usize {
  return column + (<usize>index << 2);
}

export function setStageJob(at: usize): void {
  job = at;
  bits = <usize>word(BITS);
  lowest = NONE;
  highest = 0;
  stagedBytes = 0;
}

// @ts-ignore: decorator
@inline
function isNeeded(entry: u32): bool {
  return ((<u32>load<u8>(<usize>word(FLAGS) + entry)) & NEEDED) != 0;
}

// @ts-ignore: decorator
@inline
function startOf(entry: u32): u32 {
  return load<u32>(cell(word(OFFSETS), entry));
}

/** Where an entry ends; not before it starts, whatever its pack says. */
// @ts-ignore: decorator
@inline
function endOf(entry: u32): u32 {
  return max(startOf(entry), min(load<u32>(cell(word(OFFSETS), entry), 4), word(ENTRIES_END)));
}

/** Marks what is needed of a root's tree. */
export function stageTree(root: u32): void {
  const stack = <usize>word(STACK);
  const firstChild = <usize>word(FIRST_CHILD);
  const children = <usize>word(CHILDREN);
  let height: u32 = 1;
  store<u32>(stack, root);
  while (height > 0) {
    const entry = load<u32>(cell(stack, --height));
    const at = bits + ((<usize>entry >> 6) << 3);
    store<u64>(at, load<u64>(at) | (<u64>1 << (entry & 63)));
    lowest = min(lowest, entry);
    highest = max(highest, entry);
    stagedBytes += endOf(entry) - startOf(entry);
    const stop = load<u32>(cell(firstChild, entry), 4);
    for (let place = load<u32>(cell(firstChild, entry)); place < stop; place++) {
      const child = load<u32>(cell(children, place));
      if (isNeeded(child)) store<u32>(cell(stack, height++), child);
    }
  }
}

/** Marks the needed trees of the roots from `first` on until they have `limit` bytes. @returns the entry behind the last root */
export function stageFrom(first: u32, limit: u32): u32 {
  const count = word(COUNT);
  const bases = <usize>word(BASES);
  let entry = first;
  while (entry < count && stagedBytes < limit) {
    if (isNeeded(entry) && load<i32>(cell(bases, entry)) == WHOLE) stageTree(entry);
    entry++;
  }
  return entry;
}

/** Bytes in the pack of all that is needed. */
export function countStored(offsets: usize, flags: usize, count: u32, entriesEnd: u32): u32 {
  let sum: u32 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    const start = load<u32>(cell(offsets, entry));
    const end = min(load<u32>(cell(offsets, entry), 4), entriesEnd);
    if (end > start && (<u32>load<u8>(flags + entry) & NEEDED) != 0) sum += end - start;
  }
  return sum;
}

/** The marked entry from `entry` on, or NONE. */
function marked(entry: u32): u32 {
  while (entry <= highest) {
    const word = load<u64>(bits + ((<usize>entry >> 6) << 3)) >> (entry & 63);
    if (word != 0) return entry + <u32>ctz(word);
    entry = (entry | 63) + 1;
  }
  return NONE;
}

/** Bytes that are read if no more than `most` are read for nothing between two entries. */
function bytesWith(most: u32): u64 {
  let sum: u64 = 0;
  let end = startOf(lowest);
  for (let entry = marked(lowest); entry != NONE; entry = marked(entry + 1)) {
    const start = startOf(entry);
    const stop = endOf(entry);
    sum += <u64>(stop - (start - end <= most ? end : start));
    end = stop;
  }
  return sum;
}

/** Begins to list what is marked. @returns false if there is no room for it: then no entry has a place */
export function beginReads(): bool {
  const room = <u64>(word(BUFFER_END) - word(BUFFER));
  target = <usize>word(BUFFER);
  cursor = lowest;
  if (stagedBytes > room) {
    const places = <usize>word(PLACES);
    for (let entry = marked(lowest); entry != NONE; entry = marked(entry + 1)) store<u32>(cell(places, entry), 0);
    clearStage();
    return false;
  }
  gap = bytesWith(GAP) <= room ? GAP : 0;
  return true;
}

/** Lists what is to be read, as far as there is room, and where entries will lie. @returns how many reads; 0 at the end */
export function listReads(): u32 {
  const places = <usize>word(PLACES);
  const reads = <usize>word(READS);
  const readsEnd = <usize>word(READS_END);
  let next = reads;
  let start: u32 = 0;
  let end: u32 = 0;
  let entry = marked(cursor);
  for (; entry != NONE; entry = marked(entry + 1)) {
    const from = startOf(entry);
    const to = endOf(entry);
    if (next == reads || from - end > gap) {
      if (next + READ > readsEnd) break;
      // Behind the read before.
      if (next != reads) target += end - start;
      start = from;
      store<u32>(next, from);
      store<u32>(next, <u32>target, 8);
      next += READ;
    }
    end = to;
    store<u32>(next - READ, end - start, 4);
    store<u32>(cell(places, entry), <u32>target + (from - start));
  }
  if (next != reads) target += end - start;
  cursor = entry;
  if (entry == NONE) clearStage();
  return <u32>((next - reads) / READ);
}

/** Nothing is marked any more. */
export function clearStage(): void {
  if (lowest <= highest) {
    const first = (<usize>lowest >> 6) << 3;
    memory.fill(bits + first, 0, ((<usize>highest >> 6) << 3) + 8 - first);
  }
  lowest = NONE;
  highest = 0;
  stagedBytes = 0;
}
